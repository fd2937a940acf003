// Package place holds the parts that choose which GPUs of which nodes a job gets. A file states each rule, ties included.
//
// A part takes what it chooses on the capacity index, whole gang or nothing. It must never look at time, at other jobs
// or at estimates.
package place
