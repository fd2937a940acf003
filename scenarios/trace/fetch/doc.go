// Package fetch knows the public homes of traces and downloads them: with progress, resuming what was cut, and refusing a
// file whose SHA-256 is not the one that is known.
//
// It must never keep a file under its final name before its sum was checked, follow a name of a server into another
// folder, or claim to have checked what has no known sum.
package fetch
