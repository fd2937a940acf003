// Package units turns the numbers that people write in scenario files, traces and flags into exact integers, and
// integers into the text that a terminal or a report shows. Durations are int64 nanoseconds, sizes int64 bytes, link
// rates int64 bytes per second, money int64 millionths of a currency that stands elsewhere.
//
// It never reads a number through a float, never guesses a missing unit, and never clips what does not fit: a value is
// exact (or rounded to the nearest unit where its function says so), or it is an *Error. Floats appear only in the
// Format functions, whose output is for reading; the Text and Append functions are exact and are read back by the
// Parse function of the same noun.
package units
