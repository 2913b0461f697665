#!/bin/sh
# Finds a Chromium and a CJK font for the browser tests; installs them with apt where we are root.
set -eu
have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
have_font() { command -v fc-list && fc-list :lang=zh | grep -q .; }
if have_browser >/dev/null && have_font >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
fi
if have_browser >/dev/null && have_font >/dev/null; then exit 0; fi
echo "No Chromium or no CJK font: the browser tests cannot run here (install chromium and fonts-noto-cjk)." >&2
if [ -n "${CI:-}" ]; then exit 1; fi
