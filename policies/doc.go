// Package policies holds what decides: the pipeline built from parts, whole policies by name, and the registry of both.
//
// A policy sees columns and answers with decisions. It must never know a recorded duration (unless it declares itself
// clairvoyant), read a clock, or remember anything that its Clone does not copy.
package policies
