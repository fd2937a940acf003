// Package generate makes the SDK files of policies/sdk, one a language, from the tables of policies/sched1.
//
// It must never hold an offset, an id or a constant of its own: what it writes is a template filled in from the tables.
package generate
