// Package contract holds a server against a cloud's OpenAPI document: what it accepts must be right by the document, and every
// answer must be. It also makes the requests that a document, mutated, suggests.
//
// It is for tests only.
package contract
