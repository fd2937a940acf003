package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

// A panic is a plain error to the caller, and a full story in the log.
func TestAPanicTellsNothing(t *testing.T) {
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
	defer w.Close()
	var log bytes.Buffer
	s, err := New(Config{World: w, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	s.app.Get("/panic", func(*fiber.Ctx) error { panic("the secret") })
	resp, err := s.app.Test(httptest.NewRequest("GET", "http://localhost/panic", nil), -1)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.Unmarshal(answer, &body); err != nil || resp.StatusCode != 500 || body["Code"] != "InternalError" || strings.Contains(string(answer), "secret") {
		t.Errorf("%d %s %v", resp.StatusCode, answer, err)
	}
	if !strings.Contains(log.String(), "msg=call request="+body["RequestId"]+" method=GET path=/panic status=500 user=orrery") {
		t.Errorf("the call is not in the log: %s", log.String())
	}
	if !strings.Contains(log.String(), "the secret") || !strings.Contains(log.String(), body["RequestId"]) || !strings.Contains(log.String(), "panic_test.go") {
		t.Errorf("the log says %s", log.String())
	}
}
