package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/orrery-sim/orrery/api"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

// serve starts a server on a real socket and gives its address.
func serve(t *testing.T, hosts ...string) string {
	t.Helper()
	text, _ := library.Read("live")
	w, err := world.New(world.Config{Speed: world.Speed{Mode: world.Paused}, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("live.yaml", ".", text)
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := api.New(api.Config{World: w, AllowHosts: hosts})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		began := time.Now()
		s.Shutdown(3 * time.Second)
		w.Close()
		<-done
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("the shutdown took %s", took)
		}
	})
	return l.Addr().String()
}

func TestErrorsAreJSON(t *testing.T) {
	address := serve(t, "orrery.test")
	for _, tc := range []struct {
		name, method, path, code string
		status                   int
		change                   func(*http.Request)
		body                     []byte
	}{
		{name: "unknown route", method: "GET", path: "/", status: 404, code: "InvalidAction.NotFound"},
		{name: "unknown method of a route", method: "PATCH", path: "/api/v1/jobs", status: 405, code: "UnsupportedHTTPMethod"},
		{name: "no method at all", method: "GARBLE", path: "/api/v1/jobs", status: 400, code: "BadRequest"},
		{name: "a packed body", method: "POST", path: "/api/v1/jobs", status: 415, code: "UnsupportedMediaType", body: []byte("x"),
			change: func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }},
		{name: "large body", method: "POST", path: "/api/v1/jobs", status: 413, code: "RequestEntityTooLarge", body: bytes.Repeat([]byte("x"), 2<<20)},
		{name: "large headers", method: "GET", path: "/api/v1/jobs", status: 431, code: "RequestHeaderFieldsTooLarge",
			change: func(r *http.Request) { r.Header.Set("X-Large", strings.Repeat("x", 40<<10)) }},
		{name: "long line that is fine", method: "GET", path: "/api/v1/jobs?JobIds=" + strings.Repeat("dlc0000000000000,", 1200), status: 200},
		{name: "foreign host", method: "GET", path: "/api/v1/jobs", status: 421, code: "MisdirectedRequest", change: func(r *http.Request) { r.Host = "evil.example:80" }},
		{name: "a host that looks like ours", method: "GET", path: "/api/v1/jobs", status: 421, code: "MisdirectedRequest", change: func(r *http.Request) { r.Host = "localhost.evil.example" }},
		{name: "allowed host", method: "GET", path: "/api/v1/jobs", status: 200, change: func(r *http.Request) { r.Host = "ORRERY.test:8080" }},
		{name: "a name under localhost", method: "GET", path: "/api/v1/jobs", status: 200, change: func(r *http.Request) { r.Host = "dlc.localhost" }},
		{name: "IPv6", method: "GET", path: "/api/v1/jobs", status: 200, change: func(r *http.Request) { r.Host = "[::1]:80" }},
		{name: "foreign origin", method: "POST", path: "/api/v1/jobs", status: 403, code: "Forbidden", change: func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }},
		{name: "no origin", method: "POST", path: "/api/v1/jobs", status: 403, code: "Forbidden", change: func(r *http.Request) { r.Header.Set("Origin", "null") }},
		{name: "own origin", method: "GET", path: "/api/v1/jobs", status: 200, change: func(r *http.Request) { r.Header.Set("Origin", "http://localhost:3000") }},
		{name: "another site's page", method: "GET", path: "/api/v1/jobs", status: 403, code: "Forbidden", change: func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := http.NewRequest(tc.method, "http://"+address+tc.path, bytes.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Close = true
			if tc.change != nil {
				tc.change(r)
			}
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			var body map[string]any
			if err := json.Unmarshal(text, &body); err != nil {
				t.Fatalf("no JSON: %q", text)
			}
			if resp.StatusCode != tc.status || tc.code != "" && body["Code"] != tc.code {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, text, tc.status, tc.code)
			}
			if id, _ := body["RequestId"].(string); len(id) != 36 || id != resp.Header.Get("X-Request-Id") {
				t.Errorf("RequestId %q", id)
			}
			if resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("another origin may read this")
			}
		})
	}
}

// What is no HTTP at all gets an answer that is, or a closed connection; the server lives on.
func TestWhatIsNoHTTP(t *testing.T) {
	address := serve(t)
	for _, bytes := range []string{"\x16\x03\x01\x02\x00", "GET\r\n\r\n", "GET /api/v1/jobs HTTP/1.1\r\n\r\n", "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
		"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /api/v1/jobs/%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprint(c, bytes)
		_ = c.(*net.TCPConn).CloseWrite()
		if line, err := bufio.NewReader(c).ReadString('\n'); err == nil && strings.Contains(line, " 5") {
			t.Errorf("%q: %s", bytes, line)
		}
		c.Close()
	}
	resp, err := http.Get("http://" + address + "/api/v1/jobs")
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
}

// A server leaves nothing behind, with idle connections open.
func TestShutdownLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("server", func(t *testing.T) {
		address := serve(t)
		for range 5 {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprint(c, "GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	})
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// A server that is shut down before it has begun does not begin.
func TestShutdownBeforeServe(t *testing.T) {
	text, _ := library.Read("live")
	w, err := world.New(world.Config{Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("live.yaml", ".", text)
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s, err := api.New(api.Config{World: w})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Shutdown(time.Second)
	if err := s.Serve(l); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the port is still open")
	}
}
