// Package sign reads the signature schemes of the clouds. It accepts any signature: it only tells who calls.
//
// It must never decide what a caller may do.
package sign

import (
	"strings"
	"unicode"
)

// Nobody is the user of calls without a signature.
const Nobody = "orrery"

// maxKey bounds an access key.
const maxKey = 128

// User is the access key that an Authorization header names, or Nobody. It knows
//
//	ACS3-HMAC-SHA256 Credential=KEY,SignedHeaders=...,Signature=...
//	acs KEY:SIGNATURE
//	bce-auth-v1/KEY/TIME/...
//	SDK-HMAC-SHA256 Access=KEY, SignedHeaders=..., Signature=...
func User(authorization string) string {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	key := ""
	switch {
	case strings.HasPrefix(scheme, "ACS3-"):
		key = parameter(rest, "Credential")
	case scheme == "acs":
		key, _, _ = strings.Cut(strings.TrimSpace(rest), ":")
	case strings.HasPrefix(scheme, "bce-auth-"):
		if parts := strings.SplitN(scheme, "/", 3); len(parts) > 1 {
			key = parts[1]
		}
	case strings.HasPrefix(scheme, "SDK-HMAC-"):
		key = parameter(rest, "Access")
	}
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return Nobody
	}
	return strings.Clone(key)
}

// parameter finds name=value in a list with commas.
func parameter(list, name string) string {
	for _, p := range strings.Split(list, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(p), "="); ok && k == name {
			return v
		}
	}
	return ""
}
