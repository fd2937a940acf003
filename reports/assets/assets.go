package assets

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
)

//go:embed echarts.js
var echarts string

//go:embed LICENSE
var license string

//go:embed NOTICE
var notice string

//go:embed SHA256SUMS
var sums string

// Version is the version of Apache ECharts that ECharts returns a custom build of.
const Version = "6.1.0"

// ECharts returns the library as one script. It defines the global `echarts`, starts nothing, contains neither the end of a
// script element nor the start of an HTML comment, and begins with its licences, so that a page that embeds it carries them.
func ECharts() string { return echarts }

// License returns the Apache License of ECharts.
func License() string { return license }

// Notice returns the NOTICE file of ECharts.
func Notice() string { return notice }

// Sums returns the SHA-256 of each file of this package, in the format of sha256sum.
func Sums() string { return sums }

// Digest returns the SHA-256 of the library in hexadecimal.
func Digest() string {
	sum := sha256.Sum256([]byte(echarts))
	return hex.EncodeToString(sum[:])
}
