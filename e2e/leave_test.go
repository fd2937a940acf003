package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A supervisor ends a server on which calls are held back, connections are idle, and requests are half sent.
func TestItLeavesWithOpenStreams(t *testing.T) {
	cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--speed", "1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimPrefix(strings.TrimSpace(line), "ready ")
	address := strings.TrimPrefix(url, "http://")
	post := func(path, body string) (int, string) {
		resp, err := http.Post(url+path, "application/json", strings.NewReader(body))
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	if status, text := post("/orrery/v1/faults", `{"operation": "ListJobs", "latency": "60s"}`); status != 200 {
		t.Fatal(text)
	}
	_, text := post("/api/v1/jobs", `{"DisplayName": "a", "JobType": "TFJob", "UserCommand": "sleep infinity", "JobSpecs": [{"EcsSpec": "ecs.g6.large"}]}`)
	var made struct{ JobId string }
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		t.Fatal(text)
	}
	answers := make(chan string, 2)
	go func() {
		resp, err := http.Get(url + "/api/v1/jobs")
		if err != nil {
			answers <- err.Error()
			return
		}
		resp.Body.Close()
		answers <- fmt.Sprint("list ", resp.StatusCode)
	}()
	go func() {
		status, _ := post("/orrery/v1/wait", `{"job": "`+made.JobId+`", "status": "Failed", "simulated": "1000000h", "wall": "1000h"}`)
		answers <- fmt.Sprint("wait ", status)
	}()
	for _, part := range []string{"", "GET /api/v1/jo", "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{", "GET /orrery/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, part); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond) // they have arrived
	leave(t, cmd)
	got := <-answers + ", " + <-answers
	for _, want := range []string{"list 503", "wait 200"} {
		if !strings.Contains(got, want) {
			t.Errorf("those who were held back got %s", got)
		}
	}
	if _, err := net.DialTimeout("tcp", address, time.Second); err == nil {
		t.Error("somebody listens still")
	}
}
