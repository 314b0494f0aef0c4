"""Compiles a Typst source so many times, each a little different, and prints ms of the processor, size and version."""

import os
import sys
import time

import typst

source, count = sys.argv[1], int(sys.argv[2])
text = open(source, encoding="utf-8").read()
fonts = [os.path.expanduser("~/.cache/tongbao/fonts"), "/usr/share/fonts"]
compiler = typst.Compiler(source, font_paths=fonts, ignore_system_fonts=True)
compiler.compile()
start = time.process_time()
for i in range(count):
    with open(source, "w", encoding="utf-8") as file:
        file.write(text.replace("NUMBER", f"第{i + 1}期"))
    pdf = compiler.compile()
each = (time.process_time() - start) * 1000 / count
pages = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/")
print(f"{each:.1f} ms, {len(pdf) // 1000} kB each, version {typst.__version__}")
