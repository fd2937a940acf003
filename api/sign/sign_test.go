package sign_test

import (
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/sign"
)

func TestUser(t *testing.T) {
	for header, want := range map[string]string{
		"": sign.Nobody, "Bearer x": sign.Nobody, "acs": sign.Nobody, "acs :x": sign.Nobody, "ACS3-HMAC-SHA256": sign.Nobody, "bce-auth-v1": sign.Nobody,
		"ACS3-HMAC-SHA256 Credential=LTAI5t,SignedHeaders=host;x-acs-date,Signature=00ff": "LTAI5t",
		"acs LTAI5t:c2lnbmF0dXJl":                                     "LTAI5t",
		"bce-auth-v1/ALTAK/2026-01-01T00:00:00Z/1800/host/00ff":       "ALTAK",
		"SDK-HMAC-SHA256 Access=HUAWEI, SignedHeaders=a, Signature=b": "HUAWEI",
		"acs a\x00b:x": sign.Nobody, "acs " + strings.Repeat("k", 200) + ":x": sign.Nobody, "acs \xff:x": sign.Nobody,
	} {
		if got := sign.User(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}
