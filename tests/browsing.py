"""A real browser without a window, for the tests that look at pages: what it shows, asks for and logs."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip(f"needs Debian's chromium and chromium-driver: no {CHROMIUM} or no {DRIVER}")
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium, of the dev extra")
    options = webdriver.ChromeOptions()
    home = tempfile.mkdtemp(prefix="enigmath-chromium-")
    for flag in (*FLAGS, f"--user-data-dir={home}"):
        options.add_argument(flag)
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()
    shutil.rmtree(home, ignore_errors=True)


def visit(browser: Any, page: Path, width: int = 1400) -> None:
    """Open a page from disk and forget what the browser logged before."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page.resolve().as_uri())


def requests(browser: Any) -> list[str]:
    """The addresses that the browser has asked for since the page was opened."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
    return [event["params"]["request"]["url"] for event in sent]


def shown(browser: Any, selector: str) -> list[str]:
    """The texts of the visible elements, in their order on the page."""
    script = "return [...document.querySelectorAll(arguments[0])].filter(e => e.offsetParent).map(e => e.innerText)"
    return list(browser.execute_script(script, selector))


def click(browser: Any, selector: str) -> None:
    """Click as a script would: a sticky legend may lie over a control."""
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def write(browser: Any, selector: str, text: str) -> None:
    """Type into a field."""
    field = browser.find_element("css selector", selector)
    field.clear()
    field.send_keys(text)
