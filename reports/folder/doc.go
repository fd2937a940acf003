// Package folder turns run folders into the input of reports. It reads what the run wrote and recomputes nothing that
// run.json says; it must never read a scenario's inputs or run anything.
package folder
