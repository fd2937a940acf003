// Package study runs one scenario many times: every combination of varied values (a point) with every seed. All points meet
// the same seeds, so that what is drawn (jobs, failures, prices) is common to them and differences pair up by seed. It says
// which point is the smallest that meets a level, and who loses under it.
//
// A study is data: points become tasks, each a whole scenario text with a key, and an Executor carries tasks out; the local
// one uses the cores of this machine. The package must never decide anything by the order in which runs end.
package study
