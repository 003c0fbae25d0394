"""Take the picture of the explorer on the site's home page: docs/explore.png.

python docs/site/screenshot.py          needs Chromium; run it again when the page of `bestowal explore` changes
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import bestowal

PICTURE = Path(__file__).parent.parent / "explore.png"
CHROMIUM = "/usr/bin/chromium"
LEVER, FROM, YEAR = {"exit_right": 0.5}, 1940, 1948


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "page.html"
        bestowal.explore.export(page, "kibbutz", LEVER, FROM, worlds=400, store=Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        tab.goto(page.as_uri())
        tab.wait_for_timeout(1000)
        slider = tab.locator("input[type=range]").first
        first = int(slider.get_attribute("min") or 0)
        slider.fill(str(first + YEAR - bestowal.scenario("kibbutz").first_year if first < 1000 else YEAR))
        slider.evaluate("slider => slider.blur()")
        tab.wait_for_timeout(1000)
        picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
        browser.close()
    picture.quantize(96, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
