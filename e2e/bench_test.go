package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// load starts a server and gives a client that keeps a connection for each of 64 callers.
func load(b *testing.B, flags ...string) (base string, client *http.Client, cmd *exec.Cmd) {
	b.Helper()
	port := filepath.Join(b.TempDir(), "port")
	cmd = exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--port-file", port}, flags...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for {
		if text, err := os.ReadFile(port); err == nil && len(text) > 0 {
			base = "http://127.0.0.1:" + strings.TrimSpace(string(text))
			break
		}
		time.Sleep(time.Millisecond)
	}
	return base, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, cmd
}

func call(b *testing.B, c *http.Client, method, url, body string) string {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		b.Fatal(resp.StatusCode, string(text), err)
	}
	return string(text)
}

const small = `{"DisplayName": "bench", "JobType": "PyTorchJob", "UserCommand": "sleep 10", "JobSpecs": [{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn6i-c4g1.xlarge", "Image": "registry/image:1"}]}`

// CreateJob with 64 callers, kept on disk before it is answered.
func BenchmarkCreateDurable(b *testing.B) {
	base, c, _ := load(b, "--data", b.TempDir(), "--speed", "1000")
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			call(b, c, "POST", base+"/api/v1/jobs", small)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func BenchmarkGetJob(b *testing.B) {
	base, c, _ := load(b)
	id := call(b, c, "POST", base+"/api/v1/jobs", small)
	id = id[strings.Index(id, "dlc"):][:16]
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			call(b, c, "GET", base+"/api/v1/jobs/"+id, "")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// What an ended job leaves behind: memory in use after b.N of them, less what was in use before.
func BenchmarkEndedJob(b *testing.B) {
	for name, flags := range map[string][]string{"memory": nil, "data": {"--data", ""}} {
		b.Run(name, func(b *testing.B) {
			flags := append([]string{"--speed", "max"}, flags...)
			if flags[len(flags)-1] == "" {
				flags[len(flags)-1] = b.TempDir()
			}
			base, c, cmd := load(b, flags...)
			b.SetParallelism(32)
			before := resident(b, cmd)
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					call(b, c, "POST", base+"/api/v1/jobs", small)
				}
			})
			b.ReportMetric(float64(resident(b, cmd)-before)/float64(b.N), "B/job")
		})
	}
}

// How long a server takes from its start until it is ready, with a folder that is empty.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		_, _, cmd := load(b, "--data", b.TempDir())
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// resident is the memory of a process in bytes, on Linux.
func resident(b *testing.B, cmd *exec.Cmd) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
	if err != nil {
		b.Skip(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// ListJobs over 100,000 jobs: the newest page of the caller's own, and one that reads every request.
func BenchmarkListJobs(b *testing.B) {
	base, c, _ := load(b, "--speed", "max")
	fill := make(chan struct{}, 100_000)
	for range cap(fill) {
		fill <- struct{}{}
	}
	close(fill)
	done := make(chan struct{})
	for range 64 {
		go func() {
			for range fill {
				call(b, c, "POST", base+"/api/v1/jobs", small)
			}
			done <- struct{}{}
		}()
	}
	for range 64 {
		<-done
	}
	for name, query := range map[string]string{"newest": "", "running": "Status=Running", "searched": "UserCommandSearch=sleep"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				call(b, c, "GET", base+"/api/v1/jobs?"+query, "")
			}
		})
	}
}
