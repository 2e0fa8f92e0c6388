import sys
from playwright.sync_api import sync_playwright
k=sys.argv[1]
with sync_playwright() as p:
    b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox","--disable-gpu"])
    for n,w in (("desk",1000),("phone",390)):
        pg=b.new_page(viewport={"width":w,"height":900},device_scale_factor=1); pg.goto(f"file:///tmp/rep/out/{k}/report.html")
        print(n,pg.evaluate("[document.documentElement.scrollWidth,document.documentElement.scrollHeight]"))
        pg.screenshot(path=f"/tmp/rep/html_{k}_{n}.png",full_page=True)
    pg.pdf(path=f"/tmp/rep/print_{k}.pdf",prefer_css_page_size=True,print_background=False)
    b.close()
