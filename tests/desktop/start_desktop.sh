#!/usr/bin/env bash
# Real QGIS with a profile of its own, in which the plugin is enabled.
#
#   start_desktop.sh PROFILE PLUGINS [PROJECT [CODE.py]]
#
# PROFILE is a folder for the profile; it may be new. PLUGINS is a folder that holds the plugin as
# `ceasefire_monitor`. PROJECT is opened, CODE.py is run once QGIS is up. It uses the screen of
# DISPLAY or Wayland; ends when QGIS is closed.
set -euo pipefail
profile=$1
plugins=$2
project=${3:-}
code=${4:-}

settings="$profile/profiles/default/QGIS"
mkdir -p "$settings"
if [ ! -s "$settings/QGIS3.ini" ]; then
    cat > "$settings/QGIS3.ini" <<'INI'
[PythonPlugins]
ceasefire_monitor=true
processing=true

[qgis]
checkVersion=false
firstRunVersionFlag=99999
newsFeed\disabled=true

[app]
news-feed\disabled=true

[core]
NewsFeed\disabled=true

[fonts]
downloadMissingFonts=false

[migration]
fileVersion=2
settings=true
INI
fi

export QGIS_PLUGINPATH="$plugins"
words=(--nologo --noversioncheck --profiles-path "$profile" --profile default)
[ -n "$code" ] && words+=(--code "$code")
[ -n "$project" ] && words+=("$project")
exec qgis "${words[@]}"
