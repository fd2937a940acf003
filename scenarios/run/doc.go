// Package run is one run: it drives the engine over a compiled scenario, writes what happened into a run folder
// (docs/formats/run-folder.md) and reads, and verifies, such folders.
//
// A folder that is not whole must never look whole: run.json says that a run is not complete until every other file has
// its name. What the simulation says must never depend on the machine; what does stands under tool and host alone.
package run
