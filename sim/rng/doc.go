// Package rng draws the random numbers of a simulation and computes the elementary functions that decide, so that the
// same seed gives the same bits on every machine.
//
// A stream is keyed by (seed, purpose, entity, attempt) and belongs to that entity alone: a policy that asks for fewer
// failures changes no arrival. Key hashes (seed, purpose) once with SHA-256; opening a stream from it is a keyed
// permutation of (entity, attempt), a few nanoseconds without allocation. Numbers come from the PCG-DXSM of
// math/rand/v2; this, the permutation and the order in which variates consume numbers are part of a run's result.
//
// Every variate takes exactly one uniform number through its quantile function, so that streams stay aligned whatever
// is drawn, and a larger uniform means a larger value (mixtures excepted).
//
// Exp, Log, Pow, Erf and the quantiles use only + - * / and square roots, with every product rounded by an explicit
// float64(a*b) or mul(a, b), because a compiler may otherwise fuse it with an addition on some processors; a test
// reads the source to hold that. The package never uses math.Exp, math.Log or math.Pow (assembly on some machines), a
// global source, a clock or a map.
package rng
