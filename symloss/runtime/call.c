/* A short way from Python to a compiled function: whole NumPy arrays of one format, and numbers as options.

   Call is a callable made for one function. It returns None for all that is not the usual, and has computed nothing
   then: the general call does it, or says what is wrong. symloss.runtime.extension compiles this, and describes what the
   arguments are. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#define NPY_TARGET_VERSION NPY_1_22_API_VERSION
#include <numpy/arrayobject.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "memory.h"

enum { MOST = 24 };
enum kind { SIZE, TENSOR, NOTHING, REDUCTION, OPTION, VALUE, DERIVATIVE }; /* symloss.runtime.roles.Kind */

typedef struct {
    int type;
    int count;
    int axes[MOST];
} Tensor;

typedef union {
    double f64;
    float f32;
    int64_t whole;
} Number;

typedef struct {
    PyObject *name;
    PyObject *usual;
    Number value;
    int takes;
    double low, high;
    int low_open, high_open;
} Option;

typedef struct {
    PyObject *name;
    int tensor;
} Derivative;

typedef struct {
    int kind;
    int place;
} Slot;

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    int (*function)(void *const *);
    PyArray_Descr *format;
    Memory *memory;
    int real;
    int elementwise;
    int reductions;
    int has_value;
    int tensor_count, option_count, slot_count, derivative_count;
    Tensor tensors[MOST];
    Option options[MOST];
    Slot slots[MOST];
    Derivative derivatives[MOST];
} Call;

static PyObject *word_reduction, *word_out, *word_mean, *word_sum;

static int same(PyObject *a, PyObject *b)
{
    return a == b || (PyUnicode_Check(a) && PyUnicode_Check(b) && PyUnicode_Compare(a, b) == 0);
}

/* Takes one keyword argument; 0 where it is not the usual. */
static int take(Call *self, PyObject *name, PyObject *given, Number *numbers, int *reduction, PyObject **out)
{
    int k;
    if (self->reductions && same(name, word_reduction)) {
        if (same(given, word_mean)) {
            return 1;
        }
        *reduction = 2;
        return self->reductions > 1 && same(given, word_sum);
    }
    if (same(name, word_out)) {
        *out = given == Py_None ? NULL : given;
        return 1;
    }
    for (k = 0; k < self->option_count; ++k) {
        Option *option = &self->options[k];
        double number;
        if (!same(name, option->name)) {
            continue;
        }
        if (given == option->usual) {
            return 1;
        }
        if (!option->takes || !PyFloat_CheckExact(given)) {
            return 0;
        }
        number = PyFloat_AS_DOUBLE(given);
        if (!(option->low_open ? number > option->low : number >= option->low)
            || !(option->high_open ? number < option->high : number <= option->high)) {
            return 0;
        }
        if (self->real == NPY_FLOAT) {
            numbers[k].f32 = (float)number;
        } else {
            numbers[k].f64 = number;
        }
        return 1;
    }
    return 0;
}

/* Holds an array against its format and against the sizes that are known; 0 where it does not fit. */
static int fits(Call *self, int k, PyObject *given, PyArrayObject *first, size_t *sizes)
{
    const Tensor *tensor = &self->tensors[k];
    PyArrayObject *array = (PyArrayObject *)given;
    int axis;
    if (!PyArray_CheckExact(given) || PyArray_TYPE(array) != tensor->type || !PyArray_ISCARRAY_RO(array)) {
        return 0;
    }
    if (self->elementwise) {
        sizes[0] = (size_t)PyArray_SIZE(array);
        return sizes[0] > 0 && PyArray_NDIM(array) == PyArray_NDIM(first)
            && memcmp(PyArray_DIMS(array), PyArray_DIMS(first), sizeof(npy_intp) * PyArray_NDIM(array)) == 0;
    }
    if (PyArray_NDIM(array) != tensor->count) {
        return 0;
    }
    for (axis = 0; axis < tensor->count; ++axis) {
        size_t length = (size_t)PyArray_DIM(array, axis), *known = &sizes[tensor->axes[axis]];
        if (length == 0 || (*known != 0 && *known != length)) {
            return 0;
        }
        *known = length;
    }
    return 1;
}

static int apart(PyArrayObject *a, PyArrayObject *b)
{
    const char *start = PyArray_BYTES(a), *other = PyArray_BYTES(b);
    return start + PyArray_NBYTES(a) <= other || other + PyArray_NBYTES(b) <= start;
}

/* The caller's array for a derivative (borrowed); NULL with *fits 1 where there is none, and 0 where it is unusual. */
static PyObject *given_array(Call *self, PyObject *out, int k, int *fits)
{
    *fits = 1;
    if (out == NULL) {
        return NULL;
    }
    if (self->derivative_count == 1) {
        return out;
    }
    if (!PyDict_CheckExact(out)) {
        *fits = 0;
        return NULL;
    }
    return PyDict_GetItem(out, self->derivatives[k].name);
}

static int usable(Call *self, PyObject *given, PyArrayObject *like, PyObject *const *args, PyObject **results, int k)
{
    PyArrayObject *array = (PyArrayObject *)given;
    int other;
    if (!PyArray_CheckExact(given) || PyArray_TYPE(array) != self->real || !PyArray_ISCARRAY(array)
        || !PyArray_SAMESHAPE(array, like)) {
        return 0;
    }
    for (other = 0; other < self->tensor_count; ++other) {
        if (!apart(array, (PyArrayObject *)args[other])) {
            return 0;
        }
    }
    for (other = 0; other < k; ++other) {
        if (!apart(array, (PyArrayObject *)results[other])) {
            return 0;
        }
    }
    return 1;
}

/* A new array of a tensor's shape; a large one has memory that is used again. */
static PyObject *new_array(Call *self, PyArrayObject *like)
{
    PyObject *before;
    if (PyArray_NBYTES(like) < LARGE) {
        return PyArray_SimpleNew(PyArray_NDIM(like), PyArray_DIMS(like), self->real);
    }
    before = begin(self->memory);
    if (before == NULL) {
        return NULL;
    }
    return end(before, PyArray_SimpleNew(PyArray_NDIM(like), PyArray_DIMS(like), self->real));
}

static PyObject *returned(Call *self, Number *value, PyObject **results)
{
    PyObject *number = NULL, *derived = NULL;
    int k;
    if (self->has_value) {
        number = PyArray_Scalar(value, self->format, NULL);
        if (number == NULL || self->derivative_count == 0) {
            return number;
        }
    }
    if (self->derivative_count == 1) {
        derived = Py_NewRef(results[0]);
    } else {
        derived = PyDict_New();
        for (k = 0; derived != NULL && k < self->derivative_count; ++k) {
            if (PyDict_SetItem(derived, self->derivatives[k].name, results[k]) < 0) {
                Py_CLEAR(derived);
            }
        }
    }
    if (number == NULL || derived == NULL) {
        Py_XDECREF(number);
        return derived;
    }
    PyObject *both = PyTuple_New(2);
    if (both == NULL) {
        Py_DECREF(number);
        Py_DECREF(derived);
        return NULL;
    }
    PyTuple_SET_ITEM(both, 0, number);
    PyTuple_SET_ITEM(both, 1, derived);
    return both;
}

static PyObject *call(PyObject *callable, PyObject *const *args, size_t flags, PyObject *keywords)
{
    Call *self = (Call *)callable;
    Number numbers[MOST], value;
    size_t sizes[MOST] = {0};
    void *passed[MOST];
    PyObject *results[MOST] = {NULL}, *out = NULL, *answer = NULL;
    Py_ssize_t count = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords), place;
    int reduction = 1, status, k, found = 0;

    if (PyVectorcall_NARGS(flags) != self->tensor_count) {
        Py_RETURN_NONE;
    }
    for (k = 0; k < self->option_count; ++k) {
        numbers[k] = self->options[k].value;
    }
    for (place = 0; place < count; ++place) {
        PyObject *given = args[self->tensor_count + place];
        if (!take(self, PyTuple_GET_ITEM(keywords, place), given, numbers, &reduction, &out)) {
            Py_RETURN_NONE;
        }
    }
    for (k = 0; k < self->tensor_count; ++k) {
        if (!fits(self, k, args[k], (PyArrayObject *)args[0], sizes)) {
            Py_RETURN_NONE;
        }
    }
    if (out != NULL && self->has_value) {
        if (!PyTuple_CheckExact(out) || self->derivative_count == 0 || PyTuple_GET_SIZE(out) != 2
            || PyTuple_GET_ITEM(out, 0) != Py_None) {
            Py_RETURN_NONE;
        }
        out = PyTuple_GET_ITEM(out, 1) == Py_None ? NULL : PyTuple_GET_ITEM(out, 1);
    }
    for (k = 0; k < self->derivative_count; ++k) {
        PyArrayObject *like = (PyArrayObject *)args[self->derivatives[k].tensor];
        int usual;
        PyObject *given = given_array(self, out, k, &usual);
        if (!usual || (given != NULL && !usable(self, given, like, args, results, k))) {
            goto unusual;
        }
        found += given != NULL;
        results[k] = given != NULL ? Py_NewRef(given) : new_array(self, like);
        if (results[k] == NULL) {
            goto end;
        }
    }
    if (out != NULL && self->derivative_count > 1 && PyDict_GET_SIZE(out) != found) {
        goto unusual;
    }
    for (k = 0; k < self->slot_count; ++k) {
        int at = self->slots[k].place;
        switch (self->slots[k].kind) {
        case SIZE:
            passed[k] = &sizes[at];
            break;
        case TENSOR:
            passed[k] = PyArray_DATA((PyArrayObject *)args[at]);
            break;
        case REDUCTION:
            passed[k] = &reduction;
            break;
        case OPTION:
            passed[k] = &numbers[at];
            break;
        case VALUE:
            passed[k] = &value;
            break;
        case DERIVATIVE:
            passed[k] = PyArray_DATA((PyArrayObject *)results[at]);
            break;
        default:
            passed[k] = NULL;
        }
    }
    Py_BEGIN_ALLOW_THREADS
    status = self->function(passed);
    Py_END_ALLOW_THREADS
    if (status == 0) {
        answer = returned(self, &value, results);
        goto end;
    }
unusual:
    answer = Py_NewRef(Py_None);
end:
    for (k = 0; k < self->derivative_count; ++k) {
        Py_XDECREF(results[k]);
    }
    return answer;
}

/* --- what a Call is made of --- */

static int read_tensors(Call *self, PyObject *given)
{
    int k, axis;
    self->tensor_count = (int)PyTuple_GET_SIZE(given);
    for (k = 0; k < self->tensor_count; ++k) {
        Tensor *tensor = &self->tensors[k];
        PyObject *axes;
        int whole;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(given, k), "pO!", &whole, &PyTuple_Type, &axes)) {
            return 0;
        }
        tensor->type = whole ? NPY_INT64 : self->real;
        tensor->count = (int)PyTuple_GET_SIZE(axes);
        if (tensor->count > MOST) {
            PyErr_SetString(PyExc_ValueError, "too many axes");
            return 0;
        }
        for (axis = 0; axis < tensor->count; ++axis) {
            tensor->axes[axis] = (int)PyLong_AsLong(PyTuple_GET_ITEM(axes, axis));
            if (tensor->axes[axis] < 0 || tensor->axes[axis] >= MOST) {
                PyErr_SetString(PyExc_ValueError, "too many axes");
                return 0;
            }
        }
    }
    return 1;
}

static int read_options(Call *self, PyObject *given)
{
    int k, count = (int)PyTuple_GET_SIZE(given);
    for (k = 0; k < count; ++k) {
        Option *option = &self->options[k];
        PyObject *name, *usual;
        int whole;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(given, k), "UOppddpp", &name, &usual, &whole, &option->takes,
                              &option->low, &option->high, &option->low_open, &option->high_open)) {
            return 0;
        }
        if (whole) {
            option->value.whole = PyLong_AsLongLong(usual);
        } else if (self->real == NPY_FLOAT) {
            option->value.f32 = (float)PyFloat_AsDouble(usual);
        } else {
            option->value.f64 = PyFloat_AsDouble(usual);
        }
        if (PyErr_Occurred()) {
            return 0;
        }
        option->name = Py_NewRef(name);
        option->usual = Py_NewRef(usual);
        self->option_count = k + 1;
    }
    return 1;
}

static int read_slots(Call *self, PyObject *given, PyObject *derivatives)
{
    int k, count = (int)PyTuple_GET_SIZE(derivatives);
    self->slot_count = (int)PyTuple_GET_SIZE(given);
    for (k = 0; k < self->slot_count; ++k) {
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(given, k), "ii", &self->slots[k].kind, &self->slots[k].place)) {
            return 0;
        }
        self->has_value |= self->slots[k].kind == VALUE;
    }
    for (k = 0; k < count; ++k) {
        PyObject *name;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(derivatives, k), "Ui", &name, &self->derivatives[k].tensor)) {
            return 0;
        }
        self->derivatives[k].name = Py_NewRef(name);
        self->derivative_count = k + 1;
    }
    return 1;
}

static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    unsigned long long address;
    int single, elementwise, reductions;
    PyObject *memory, *tensors, *options, *slots, *derivatives;
    Call *self;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!KppiO!O!O!O!", &memory_type, &memory, &address, &single, &elementwise, &reductions,
                          &PyTuple_Type, &tensors, &PyTuple_Type, &options, &PyTuple_Type, &slots, &PyTuple_Type,
                          &derivatives)) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(tensors) > MOST || PyTuple_GET_SIZE(options) > MOST || PyTuple_GET_SIZE(slots) > MOST
        || PyTuple_GET_SIZE(derivatives) > MOST || PyTuple_GET_SIZE(tensors) == 0) {
        PyErr_SetString(PyExc_ValueError, "too many arguments");
        return NULL;
    }
    self = (Call *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->vectorcall = call;
    self->memory = (Memory *)Py_NewRef(memory);
    self->function = (int (*)(void *const *))(uintptr_t)address;
    self->real = single ? NPY_FLOAT : NPY_DOUBLE;
    self->format = PyArray_DescrFromType(self->real);
    self->elementwise = elementwise;
    self->reductions = reductions;
    if (!read_tensors(self, tensors) || !read_options(self, options) || !read_slots(self, slots, derivatives)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void clear(Call *self)
{
    int k;
    for (k = 0; k < self->option_count; ++k) {
        Py_XDECREF(self->options[k].name);
        Py_XDECREF(self->options[k].usual);
    }
    for (k = 0; k < self->derivative_count; ++k) {
        Py_XDECREF(self->derivatives[k].name);
    }
    Py_XDECREF(self->format);
    Py_XDECREF((PyObject *)self->memory);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyTypeObject call_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "symloss.Call",
    .tp_basicsize = sizeof(Call),
    .tp_dealloc = (destructor)clear,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Call, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_new = make,
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT, .m_name = "symloss_call", .m_doc = "Calls of compiled functions.", .m_size = -1,
};

PyMODINIT_FUNC PyInit_symloss_call(void)
{
    PyObject *module;
    import_array();
    word_reduction = PyUnicode_InternFromString("reduction");
    word_out = PyUnicode_InternFromString("out");
    word_mean = PyUnicode_InternFromString("mean");
    word_sum = PyUnicode_InternFromString("sum");
    module = memory_ready() < 0 || PyType_Ready(&call_type) < 0 ? NULL : PyModule_Create(&module_definition);
    if (module != NULL
        && (PyModule_AddObjectRef(module, "Call", (PyObject *)&call_type) < 0
            || PyModule_AddObjectRef(module, "Memory", (PyObject *)&memory_type) < 0)) {
        Py_CLEAR(module);
    }
    return module;
}
