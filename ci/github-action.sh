#!/usr/bin/env bash
# What action.yml runs: installs mcp-migrate from the action's own checkout, so that the version is the one that the
# workflow names, and runs the check. Inputs come as CHECK_* variables and are never put into a command line as text.
set -euo pipefail

work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/mcp-migrate.XXXXXX")
trap 'rm -rf "$work"' EXIT

install() {
  if command -v uv > /dev/null; then
    uv venv --quiet "$work/venv"
    VIRTUAL_ENV="$work/venv" uv pip install --quiet "$ACTION_FOLDER"
  else
    "${CHECK_PYTHON:-python3}" -m venv "$work/venv"
    "$work/venv/"*/python -m pip install --quiet --no-compile --disable-pip-version-check "$ACTION_FOLDER"
  fi
}

# The lines of $1 that hold something, into the array `lines`. (macOS has no mapfile.)
read_lines() {
  lines=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line%$'\r'}"
    if [ -n "${line// /}" ]; then lines+=("$line"); fi
  done <<< "$1"
}

report_output() {
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "$1=$2" >> "$GITHUB_OUTPUT"; fi
}

# Its output is for the log only when it fails: everything on standard output could be taken for an annotation.
install > "$work/install.log" 2>&1 || { cat "$work/install.log" >&2; exit 2; }

arguments=(check --format github --output -)
if [ -n "${CHECK_SARIF:-}" ]; then arguments+=(--format sarif --output "$CHECK_SARIF"); fi
summary=""
if [ "${CHECK_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  summary="$work/summary.md"
  arguments+=(--format markdown --output "$summary")
fi
read_lines "${CHECK_OPTIONS:-}"
arguments+=(${lines[@]+"${lines[@]}"})
read_lines "${CHECK_PATHS:-.}"
arguments+=(-- ${lines[@]+"${lines[@]}"})

status=0
"$work/venv/"*/mcp-migrate "${arguments[@]}" || status=$?

if [ -n "$summary" ] && [ -f "$summary" ]; then cat "$summary" >> "$GITHUB_STEP_SUMMARY"; fi
report_output sarif "$(if [ -n "${CHECK_SARIF:-}" ] && [ -f "$CHECK_SARIF" ]; then echo "$CHECK_SARIF"; fi)"
if [ "$status" -le 1 ]; then
  report_output left "$(if [ "$status" -eq 1 ]; then echo true; else echo false; fi)"
fi
if [ "$status" -eq 1 ] && [ "${CHECK_FAIL:-true}" != true ]; then status=0; fi
exit "$status"
