/* Large memory that is used again: when an array is gone, its memory waits for the next one.

   New pages of the operating system cost as much as a loss does. An array of NumPy names who gave it its memory, and
   gives it back there when nothing refers to the array any more: no view, no buffer, no tensor of another library.
   What waits belongs to nobody, so that no two arrays ever share it. All of this happens under Python's global lock.
*/

#include <stdlib.h>

/* Memory of at least so many bytes is used again; below, the allocator of the C library does as well. */
enum { LARGE = 1 << 20 };
/* What waits takes no more than this in a process, whatever the number of kernels. */
enum { MOST_BYTES = 1 << 28, MOST_WAITING = 32 };
/* Small memory begins at a line of the cache, large memory at a page, where what is read and what is written meet
   least often in a processor that tells addresses apart by their last bits. */
enum { LINE = 64, PAGE = 4096 };

/* What gives memory for the results of one kernel. Each array that has some of it refers to the handler. */
typedef struct {
    PyDataMem_Handler handler;
    int open;
} Pool;

typedef struct {
    PyObject_HEAD
    Pool *pool;
    PyObject *handler;
} Memory;

/* Stands right before the numbers. */
typedef union {
    struct {
        void *start;
        size_t whole;
        size_t room;
    } of;
    char line[LINE];
} Head;

typedef struct {
    Head *head;
    const Pool *pool;
} Waiting;

static Waiting waiting[MOST_WAITING]; /* from the oldest to the latest */
static int waiting_count;
static size_t waiting_bytes;

static const PyDataMemAllocator *usual; /* NumPy's own, which all of it comes from */

static void discard(const Head *head)
{
    usual->free(usual->ctx, head->of.start, head->of.whole);
}

/* Takes one out of those that wait. */
static Head *taken(int place)
{
    Head *head = waiting[place].head;
    --waiting_count;
    waiting_bytes -= head->of.room;
    memmove(&waiting[place], &waiting[place + 1], sizeof(Waiting) * (size_t)(waiting_count - place));
    return head;
}

/* Discards what waits for a kernel, or for any. */
static void discard_waiting(const Pool *pool)
{
    int place;
    for (place = waiting_count - 1; place >= 0; --place) {
        if (pool == NULL || waiting[place].pool == pool) {
            discard(taken(place));
        }
    }
}

/* The smallest that fits, the latest of these; none that is more than twice as large. */
static Head *found(size_t size)
{
    int place, best = -1;
    for (place = waiting_count - 1; place >= 0; --place) {
        size_t room = waiting[place].head->of.room;
        if (room >= size && room / 2 <= size && (best < 0 || room < waiting[best].head->of.room)) {
            best = place;
        }
    }
    return best < 0 ? NULL : taken(best);
}

static void *new_memory(size_t size)
{
    size_t alignment = size < LARGE ? LINE : PAGE, whole = size + alignment + sizeof(Head);
    void *start = whole < size ? NULL : usual->malloc(usual->ctx, whole);
    Head *head;
    if (start == NULL && whole > size && waiting_count > 0) {
        discard_waiting(NULL);
        start = usual->malloc(usual->ctx, whole);
    }
    if (start == NULL) {
        return NULL;
    }
    head = (Head *)(((uintptr_t)start + sizeof(Head) + alignment - 1) / alignment * alignment) - 1;
    head->of.start = start;
    head->of.whole = whole;
    head->of.room = size;
    return head + 1;
}

/* --- what NumPy calls --- */

static void *pool_malloc(void *pool, size_t size)
{
    Head *head = size < LARGE ? NULL : found(size);
    (void)pool;
    return head != NULL ? head + 1 : new_memory(size);
}

static void *pool_calloc(void *pool, size_t count, size_t size)
{
    void *numbers = size != 0 && count > SIZE_MAX / size ? NULL : pool_malloc(pool, count * size);
    return numbers == NULL ? NULL : memset(numbers, 0, count * size);
}

static void pool_free(void *context, void *numbers, size_t size)
{
    const Pool *pool = context;
    Head *head = (Head *)numbers - 1;
    (void)size; /* what the array says of itself, which may have been changed */
    if (numbers == NULL) {
        return;
    }
    if (!pool->open || head->of.room < LARGE || head->of.room > MOST_BYTES) {
        discard(head);
        return;
    }
    while (waiting_count == MOST_WAITING || waiting_bytes + head->of.room > MOST_BYTES) {
        discard(taken(0));
    }
    waiting[waiting_count++] = (Waiting){head, pool};
    waiting_bytes += head->of.room;
}

static void *pool_realloc(void *pool, void *numbers, size_t size)
{
    size_t room = numbers == NULL ? 0 : ((Head *)numbers - 1)->of.room;
    void *others;
    if (numbers != NULL && size <= room && room / 2 <= size) {
        return numbers;
    }
    others = pool_malloc(pool, size);
    if (others != NULL && numbers != NULL) {
        memcpy(others, numbers, size < room ? size : room);
        pool_free(pool, numbers, room);
    }
    return others;
}

/* --- what Python sees --- */

static void forget_pool(PyObject *handler)
{
    PyMem_RawFree(PyCapsule_GetPointer(handler, "mem_handler"));
}

static PyObject *memory_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    Pool *pool = PyMem_RawCalloc(1, sizeof(Pool));
    Memory *self;
    (void)args;
    (void)keywords;
    if (pool == NULL) {
        return PyErr_NoMemory();
    }
    pool->open = 1;
    pool->handler = (PyDataMem_Handler){
        "symloss", 1, {pool, pool_malloc, pool_calloc, pool_realloc, pool_free}
    };
    self = (Memory *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->pool = pool;
        self->handler = PyCapsule_New(pool, "mem_handler", forget_pool);
    }
    if (self == NULL || self->handler == NULL) {
        PyMem_RawFree(pool);
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void memory_clear(Memory *self)
{
    if (self->handler != NULL) {
        self->pool->open = 0;
        discard_waiting(self->pool);
        Py_DECREF(self->handler);
    }
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* From here on this thread's new arrays have memory of a pool; gives what is to be set afterwards. Where somebody has
   set a handler of his own, it stays. */
static PyObject *begin(const Memory *self)
{
    PyObject *before = PyDataMem_SetHandler(self->handler);
    if (before != NULL && before != PyDataMem_DefaultHandler) {
        PyObject *own = PyDataMem_SetHandler(before);
        if (own == NULL) {
            Py_CLEAR(before);
        }
        Py_XDECREF(own);
    }
    return before;
}

/* Gives the result, or NULL where one of both has failed. */
static PyObject *end(PyObject *before, PyObject *result)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyObject *raised = PyErr_GetRaisedException();
#else
    PyObject *raised, *value, *traceback;
    PyErr_Fetch(&raised, &value, &traceback);
#endif
    PyObject *own = PyDataMem_SetHandler(before);
    if (own == NULL) {
        Py_CLEAR(result);
    }
    if (raised != NULL) {
#if PY_VERSION_HEX >= 0x030C0000
        PyErr_SetRaisedException(raised);
#else
        PyErr_Restore(raised, value, traceback);
#endif
    }
    Py_XDECREF(own);
    Py_DECREF(before);
    return result;
}

/* memory(function, *arguments): what the function gives; its new arrays have memory of the pool. */
static PyObject *memory_call(PyObject *self, PyObject *args, PyObject *keywords)
{
    PyObject *before, *rest, *result;
    if (PyTuple_GET_SIZE(args) == 0) {
        PyErr_SetString(PyExc_TypeError, "a function is needed");
        return NULL;
    }
    rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    before = rest == NULL ? NULL : begin((Memory *)self);
    if (before == NULL) {
        Py_XDECREF(rest);
        return NULL;
    }
    result = end(before, PyObject_Call(PyTuple_GET_ITEM(args, 0), rest, keywords));
    Py_DECREF(rest);
    return result;
}

static PyObject *memory_waiting(PyObject *self, void *closure)
{
    (void)self;
    (void)closure;
    return PyLong_FromSize_t(waiting_bytes);
}

static PyGetSetDef memory_attributes[] = {
    {"waiting", memory_waiting, NULL, "The bytes that wait, for all kernels.", NULL},
    {0},
};

static PyTypeObject memory_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "symloss.Memory",
    .tp_basicsize = sizeof(Memory),
    .tp_dealloc = (destructor)memory_clear,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_call = memory_call,
    .tp_getset = memory_attributes,
    .tp_new = memory_new,
};

static int memory_ready(void)
{
    PyDataMem_Handler *handler = PyCapsule_GetPointer(PyDataMem_DefaultHandler, "mem_handler");
    usual = handler == NULL ? NULL : &handler->allocator;
    return handler == NULL ? -1 : PyType_Ready(&memory_type);
}
