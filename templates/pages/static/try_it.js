/* "Try it": draws a loss and its derivative along a line through its inputs, and moves them with the hyper-parameters.
 * The numbers come from the generated module of the page, which registers itself in symlossModules. */
(() => {
    "use strict";

    const SVG = "http://www.w3.org/2000/svg";
    const PLACES = 241;
    const BOX = { width: 380, height: 250, left: 52, right: 12, top: 10, bottom: 26 };

    const element = (name, attributes = {}, ...children) => {
        const made = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) {
            made.setAttribute(key, value);
        }
        made.append(...children);
        return made;
    };
    const drawn = (name, attributes, text) => {
        const made = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) {
            made.setAttribute(key, value);
        }
        if (text !== undefined) {
            made.textContent = text;
        }
        return made;
    };
    const said = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : x > 0 ? "∞" : x < 0 ? "−∞" : "undefined")
        .replace("-", "−");

    /* The inputs at a place: every number is a pair of its value at 0 and its slope. */
    const moved = (nested, x) => (Array.isArray(nested[0]) ? nested.map((one) => moved(one, x)) : nested[0] + nested[1] * x);
    const dot = (weights, entries) => (typeof weights === "number"
        ? weights * entries
        : Array.from(weights).reduce((sum, weight, k) => sum + dot(weight, entries[k]), 0));

    /* The loss at some places, and each curve of its derivative. */
    function along(config, slice, parameters, places) {
        const { value_and_gradient } = globalThis.symlossModules[config.loss];
        const one = (x) => {
            const inputs = config.order.map((name) => {
                const tensor = moved(slice.inputs[name], x);
                return config.batch && config.examples.includes(name) ? [tensor] : tensor;
            });
            const [value, gradient] = value_and_gradient(...inputs, { ...parameters, reduction: "sum" });
            const by_name = (name) => {
                const found = gradient.constructor === Object ? gradient[name] : gradient;
                return config.batch && config.examples.includes(name) ? found[0] : found;
            };
            const slopes = slice.curves.map(({ weights }) => Object.entries(weights)
                .reduce((sum, [name, of_entries]) => sum + dot(of_entries, by_name(name)), 0));
            return [value, ...slopes];
        };
        return places.map(one);
    }

    /* Round numbers that divide an interval into a few parts. */
    function ticks(low, high) {
        const rough = (high - low) / 5;
        const power = 10 ** Math.floor(Math.log10(rough));
        const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
        const found = [];
        for (let k = Math.ceil(low / step); k * step <= high + 1e-9 * step; ++k) {
            found.push(Number((k * step).toPrecision(12)));
        }
        return found;
    }

    /* Where an axis ends: at the extremes, but a pole is cut off. */
    function limits(rows) {
        const sorted = rows.flat().filter(Number.isFinite).sort((a, b) => a - b);
        if (sorted.length === 0) {
            return [0, 1];
        }
        const quantile = (share) => sorted[Math.round(share * (sorted.length - 1))];
        const room = Math.max(quantile(0.97) - quantile(0.03), 1e-9);
        const low = Math.max(sorted[0], quantile(0.03) - 0.6 * room);
        const high = Math.min(sorted[sorted.length - 1], quantile(0.97) + 0.6 * room);
        const margin = 0.06 * Math.max(high - low, 0.02);
        return [low - margin, high + margin];
    }

    /* A line through the points, interrupted where it jumps or leaves the numbers. */
    function path(xs, ys, to_x, to_y) {
        const finite = ys.filter(Number.isFinite);
        const jump = 0.2 * (Math.max(...finite) - Math.min(...finite));
        let text = "";
        let open = false;
        ys.forEach((y, k) => {
            const before = Math.abs(y - ys[k - 1]);
            const steep = before > jump && !(Math.abs(ys[k - 1] - ys[k - 2]) > jump) && !(Math.abs(ys[k + 1] - y) > jump);
            if (!Number.isFinite(y)) {
                open = false;
                return;
            }
            text += `${open && !steep ? "L" : "M"}${to_x(xs[k]).toFixed(2)} ${to_y(y).toFixed(2)}`;
            open = true;
        });
        return text;
    }

    function chart(svg, xs, rows, x, y) {
        const { width, height, left, right, top, bottom } = BOX;
        const [low, high] = limits(rows);
        const to_x = (number) => left + ((number - xs[0]) / (xs[xs.length - 1] - xs[0])) * (width - left - right);
        const to_y = (number) => height - bottom - ((number - low) / (high - low)) * (height - top - bottom);
        const parts = [];
        for (const tick of ticks(xs[0], xs[xs.length - 1])) {
            parts.push(drawn("line", { class: "grid", x1: to_x(tick), x2: to_x(tick), y1: top, y2: height - bottom }));
            parts.push(drawn("text", { x: to_x(tick), y: height - 8, "text-anchor": "middle" }, said(tick)));
        }
        for (const tick of ticks(low, high)) {
            parts.push(drawn("line", {
                class: tick === 0 ? "zero" : "grid", x1: left, x2: width - right, y1: to_y(tick), y2: to_y(tick),
            }));
            parts.push(drawn("text", { x: left - 6, y: to_y(tick) + 4, "text-anchor": "end" }, said(tick)));
        }
        const inside = svg.dataset.clip;
        const clip = drawn("clipPath", { id: inside });
        clip.append(drawn("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom }));
        const curves = drawn("g", { "clip-path": `url(#${inside})` });
        curves.append(
            drawn("path", { class: "before", d: path(xs, rows[1], to_x, to_y) }),
            drawn("path", { class: "curve", d: path(xs, rows[0], to_x, to_y) }),
            drawn("line", { class: "at", x1: to_x(x), x2: to_x(x), y1: top, y2: height - bottom }),
        );
        if (Number.isFinite(y)) {
            curves.append(drawn("circle", { class: "here", cx: to_x(x), cy: to_y(y), r: 4.5 }));
        }
        svg.replaceChildren(clip, ...parts, curves);
    }

    function start(root, number) {
        const config = JSON.parse(root.querySelector("script").textContent);
        const state = { slice: 0, x: 0, parameters: {} };
        const controls = element("div", { class: "controls" });
        const charts = element("div", { class: "charts" });
        const output = element("output", { "aria-live": "polite" });
        const settings = [];
        let waiting = 0;
        const update = () => {
            cancelAnimationFrame(waiting);
            waiting = requestAnimationFrame(draw);
        };

        /* A slider and a number field that say the same. */
        function control(label, from, apply) {
            const id = `symloss-${number}-${settings.length}`;
            const range = element("input", { type: "range", id, step: from.step });
            const field = element("input", { type: "number", step: "any", "aria-label": `${label}, as a number` });
            const show = (x) => {
                for (const input of [range, field]) {
                    input.min = from.low;
                    input.max = from.high;
                    input.value = Number(x.toPrecision(6));
                }
                apply(x);
            };
            const set = (input) => {
                const x = Math.min(Math.max(input.valueAsNumber, from.low), from.high);
                if (Number.isFinite(x)) {
                    (input === range ? field : range).value = x;
                    apply(x);
                    update();
                }
            };
            range.addEventListener("input", () => set(range));
            field.addEventListener("input", () => set(field));
            field.addEventListener("change", () => { field.value = range.value; });
            const text = element("label", { for: id }, label);
            controls.append(element("div", { class: "control" }, text, range, field));
            const made = { show, text, from };
            settings.push(made);
            return made;
        }

        if (config.slices.length > 1) {
            const id = `symloss-${number}-case`;
            const select = element("select", { id });
            config.slices.forEach((slice, k) => select.append(element("option", { value: k }, slice.case || slice.variable)));
            select.addEventListener("change", () => {
                state.slice = Number(select.value);
                position();
                update();
            });
            controls.append(element("div", { class: "control" }, element("label", { for: id }, "case"), select));
        }
        for (const parameter of config.parameters) {
            control(parameter.name, parameter, (x) => { state.parameters[parameter.name] = x; });
        }
        const where = control("", { low: 0, high: 1, step: "any" }, (x) => { state.x = x; });
        const back = element("button", { type: "button" }, "Reset");
        controls.append(element("div", {}, back));

        /* The slider along the line, for the slice that is chosen. */
        function position() {
            const slice = config.slices[state.slice];
            Object.assign(where.from, { low: slice.low, high: slice.high });
            where.text.textContent = slice.variable;
            where.text.parentNode.querySelector('input[type="number"]').setAttribute("aria-label", `${slice.variable}, as a number`);
            where.show(slice.low + 0.62 * (slice.high - slice.low));
            const titles = ["the loss", ...slice.curves.map((curve) => curve.words)];
            charts.replaceChildren(...titles.map((title, k) => {
                const svg = drawn("svg", {
                    class: "symloss-chart", viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img",
                    "aria-label": `${title} against ${slice.variable}`, "data-clip": `symloss-clip-${number}-${k}`,
                });
                svg.addEventListener("pointermove", (event) => {
                    const box = svg.getBoundingClientRect();
                    const across = (event.clientX - box.left) / box.width * BOX.width - BOX.left;
                    const share = Math.min(Math.max(across / (BOX.width - BOX.left - BOX.right), 0), 1);
                    where.show(slice.low + share * (slice.high - slice.low));
                    update();
                });
                return element("figure", {}, svg, element("figcaption", {}, title));
            }));
        }

        function draw() {
            const slice = config.slices[state.slice];
            const xs = Array.from({ length: PLACES }, (_, k) => slice.low + (k / (PLACES - 1)) * (slice.high - slice.low));
            const standard = Object.fromEntries(config.parameters.map((p) => [p.name, p.default]));
            const now = along(config, slice, state.parameters, xs);
            const before = along(config, slice, standard, xs);
            const [here] = along(config, slice, state.parameters, [state.x]);
            charts.querySelectorAll("svg").forEach((svg, k) => {
                chart(svg, xs, [now.map((row) => row[k]), before.map((row) => row[k])], state.x, here[k]);
            });
            const chosen = Object.entries(state.parameters).map(([name, x]) => `${name} = ${said(x)}`);
            const slopes = slice.curves.map((curve, k) => `${curve.words} ${said(here[k + 1])}`);
            output.textContent = `At ${said(state.x)}${slice.case ? ` (${slice.case})` : ""}${chosen.length ? `, with ${chosen.join(", ")}` : ""}: `
                + `the loss is ${said(here[0])}, ${slopes.join(", ")}.${chosen.length ? " Dashed: the defaults." : ""}`;
            root.symloss = { here, now, xs, state };
        }

        function reset() {
            config.parameters.forEach((parameter, k) => settings[k].show(parameter.default));
            position();
            update();
        }
        back.addEventListener("click", reset);
        root.append(controls, charts, output);
        reset();
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll(".symloss-try").forEach(start);
    });
})();
