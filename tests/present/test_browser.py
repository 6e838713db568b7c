"""The pages in a real browser, from a folder on disk: mathematics, sliders, keyboard, and no error."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from built_site import built_site
from helpers import NAMES

import symloss
from symloss.present.plots import choices
from symloss.present.slices import slices

pytestmark = pytest.mark.browser

PHONE, DESKTOP = (390, 844), (1440, 1000)
SET = """
const input = document.querySelectorAll(".symloss-try input[type=range]")[arguments[0]];
input.value = arguments[1];
input.dispatchEvent(new Event("input", { bubbles: true }));
"""
STATE = """
const { here, now, xs, state } = document.querySelector(".symloss-try").symloss;
const paths = [...document.querySelectorAll(".symloss-chart .curve")].map((path) => path.getAttribute("d"));
return { here, now, xs, state, paths, picture: document.querySelector(".symloss-try .charts").innerHTML };
"""
SETTLED = """
const done = arguments[arguments.length - 1];
const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
(window.MathJax?.startup?.promise ?? Promise.resolve()).then(drawn);
"""
TOO_WIDE = """
const limit = document.documentElement.clientWidth + 1;
return [...document.querySelectorAll("article *")].filter((e) => {
    if (e.getBoundingClientRect().right <= limit || e.getBoundingClientRect().width === 0) return false;
    for (let p = e; p; p = p.parentElement) {
        if (["auto", "scroll", "hidden"].includes(getComputedStyle(p).overflowX)) return false;
    }
    return !e.closest("mjx-assistive-mml, details:not([open])");
}).map((e) => e.tagName + "." + e.className);
"""


@pytest.fixture(scope="module")
def driver():
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    service = shutil.which("chromedriver")
    if browser is None or service is None:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--force-prefers-reduced-motion",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(service))
    made.set_script_timeout(60)
    yield made
    made.quit()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return built_site(tmp_path_factory)


def sized(driver, size) -> None:
    """A screen of that size, which may be smaller than any window."""
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def opened(driver, path) -> None:
    sized(driver, DESKTOP)
    driver.get(path.as_uri())
    driver.execute_async_script(SETTLED)


def errors(driver) -> list[str]:
    return [
        entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_slider_moves_the_curve_to_what_numpy_says(name, built, driver):
    """Every hyper-parameter and every case: what is drawn is what the NumPy backend gives, and the picture changes.

    Nothing runs out of the page, neither on a desk nor on a phone, there is no error, and all mathematics is set.
    """
    opened(driver, built / "losses" / f"{name}.html")
    one = symloss.get(name)
    varied = [p for p in one.parameters if not p.domain.integer]
    drawn = slices(one)
    before = driver.execute_script(STATE)
    assert before["paths"] and all(before["paths"])
    changed = False
    for place, which in enumerate(drawn):
        if len(drawn) > 1:
            driver.find_elements("css selector", ".symloss-try select option")[place].click()
        for k, p in enumerate(varied):
            driver.execute_script(
                SET, k, max(choices(p)) if max(choices(p)) != p.default else min(choices(p))
            )
        driver.execute_async_script(SETTLED)
        found = driver.execute_script(STATE)
        parameters = found["state"]["parameters"]
        x = np.array(found["xs"], float)
        expected = np.stack(_flat(which.drawn(x, **parameters)), axis=1)
        got = np.array([[np.nan if y is None else y for y in row] for row in found["now"]], float)
        same = np.isfinite(got) & np.isfinite(expected)
        assert same.mean() > 0.95
        np.testing.assert_allclose(got[same], expected[same], rtol=1e-12, atol=1e-13)
        moves = not np.allclose(expected[same], np.stack(_flat(which.drawn(x)), axis=1)[same])
        assert (found["picture"] != before["picture"]) or not (moves or place)
        changed |= moves
    assert changed or not varied
    if not varied:  # then the place on the curve moves
        driver.execute_script(SET, 0, drawn[-1].low)
        driver.execute_async_script(SETTLED)
        assert driver.execute_script(STATE)["here"] != found["here"]
    driver.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; });")
    for size in (DESKTOP, PHONE):
        sized(driver, size)
        driver.execute_async_script(SETTLED)
        assert driver.execute_script("return window.innerWidth") == size[0]
        assert driver.execute_script(TOO_WIDE) == [], size
    assert driver.find_elements("css selector", "mjx-container")
    assert not driver.find_elements("css selector", "mjx-merror, [data-mjx-error]")
    assert errors(driver) == []


def _flat(drawn):
    value, curves = drawn
    return [value, *curves]


def test_by_keyboard_and_in_words(built, driver):
    """Arrow keys move a slider, what is seen is said, and the reset goes back."""
    opened(driver, built / "losses" / "focal_with_logits.html")
    output = driver.find_element("css selector", ".symloss-try output")
    assert output.get_attribute("aria-live") == "polite" and "gamma = 2" in output.text
    slider = driver.find_element("css selector", ".symloss-try input[type=range]")
    slider.send_keys("\ue014\ue014")  # the right arrow, twice
    driver.execute_async_script(SETTLED)
    assert "gamma = 2.2" in output.text
    field = driver.find_element("css selector", ".symloss-try input[type=number]")
    field.send_keys("\ue009a\ue009", "4")  # Control and a, then the number
    driver.execute_async_script(SETTLED)
    assert "gamma = 4" in output.text and slider.get_attribute("value") == "4"
    driver.find_element("css selector", ".symloss-try button").send_keys("\ue007")  # Enter
    driver.execute_async_script(SETTLED)
    assert "gamma = 2," in output.text
    inputs = driver.find_elements("css selector", ".symloss-try :is(input, select)")
    assert all(i.accessible_name for i in inputs)


def test_dark_and_light(built, driver):
    """Text, axes and curves stand out from the page in both, by the contrast that WCAG asks of graphics."""
    for theme in ("light", "dark"):
        opened(driver, built / "losses" / "huber.html")
        driver.execute_script("document.body.dataset.theme = arguments[0];", theme)
        colors = driver.execute_script("""
            const style = getComputedStyle(document.body);
            const shown = (value) => {
                const canvas = document.createElement("canvas").getContext("2d");
                canvas.fillStyle = value;
                return canvas.fillStyle;
            };
            return [style.backgroundColor, style.color, ...[1, 2, 3, 4, 5].map(
                (k) => style.getPropertyValue(`--symloss-curve-${k}`).trim())].map(shown);
        """)
        back, *others = (_luminance(c) for c in colors)
        assert all((max(back, x) + 0.05) / (min(back, x) + 0.05) >= 3 for x in others), (theme, colors)


def _luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_the_colour_blind_tell_the_curves_apart(built, driver):
    """The first three colours differ in lightness or hue for each kind of dichromacy (Viénot et al. 1999)."""
    for theme in ("light", "dark"):
        opened(driver, built / "losses" / "huber.html")
        driver.execute_script("document.body.dataset.theme = arguments[0];", theme)
        colors = driver.execute_script("""
            const style = getComputedStyle(document.body);
            return [1, 2, 3].map((k) => style.getPropertyValue(`--symloss-curve-${k}`).trim());
        """)
        linear = [np.array([int(c[k : k + 2], 16) / 255 for k in (1, 3, 5)]) ** 2.2 for c in colors]
        for matrix in DICHROMACY:
            seen = [np.clip(matrix @ c, 0, 1) ** (1 / 2.2) for c in linear]
            for k in range(3):
                for m in range(k):
                    assert np.linalg.norm(seen[k] - seen[m]) > 0.12, (theme, colors[k], colors[m])


DICHROMACY = [
    np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
]
"""Protanopia and deuteranopia in linear RGB."""
