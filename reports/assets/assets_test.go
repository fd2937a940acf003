package assets

import (
	"regexp"
	"strings"
	"testing"
)

func TestLibraryIsTheReviewedOne(t *testing.T) {
	if want := Digest() + "  echarts.js"; !strings.Contains(Sums(), want) {
		t.Errorf("SHA256SUMS does not list the embedded library: want a line %q in\n%s", want, Sums())
	}
}

func TestLibraryMayStandInAScriptElement(t *testing.T) {
	js := strings.ToLower(ECharts())
	for _, bad := range []string{"</script", "<script", "<!--"} {
		if strings.Contains(js, bad) {
			t.Errorf("the library contains %q, which an HTML parser would act on", bad)
		}
	}
	for i := range len(js) {
		if js[i] >= 0x80 {
			t.Fatalf("byte %d of the library is not ASCII: the page's encoding would matter to its hash", i)
		}
	}
}

func TestLibraryNamesNoHost(t *testing.T) {
	if got := regexp.MustCompile(`https?:|//[a-z0-9-]+\.(com|org|io|net)`).FindAllString(ECharts(), 3); got != nil {
		t.Errorf("the library names a host: %q", got)
	}
}

func TestLicencesTravelWithTheLibrary(t *testing.T) {
	for _, want := range []string{"Apache ECharts " + Version, "custom build", "Licensed to the Apache Software Foundation", "Baidu Inc.", "Mike Bostock"} {
		if !strings.Contains(ECharts()[:8000], want) {
			t.Errorf("the head of the library does not say %q", want)
		}
	}
	if !strings.Contains(License(), "Apache License") || !strings.Contains(Notice(), "Apache ECharts") {
		t.Error("LICENSE or NOTICE is not the ASF's")
	}
}
