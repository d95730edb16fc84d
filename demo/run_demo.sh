#!/bin/sh
# The demo, with everything it needs set up first. Options: ./demo/run_demo.sh --help
here=$(dirname "$0")
exec node "$here/../scripts/with-setup.mjs" node demo/main.mjs "$@"
