// Package api is the web server of a live world: one Fiber application with the clouds' APIs and the control API behind the
// checks that all of them share: limits, hosts and origins, request ids, errors that are always JSON.
//
// It must never touch a simulation but through package world, nor know what an operation means.
package api
