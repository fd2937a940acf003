package sim_test

import (
	"bufio"
	"fmt"
	"os"
	"testing"

	"github.com/orrery-sim/orrery/sim/internal/eventq"
)

type bareJob struct {
	submit, run int64
	gpus        int32
}

// bareFCFS is the least work that FCFS can be: a heap of ends, a ring of waiting jobs, a count of free GPUs. No placement,
// events, metrics, causes, digest or parsing.
func bareFCFS(jobs []bareJob, gpus int32) (wait int64) {
	var q eventq.Queue
	free, head := gpus, 0
	now := int64(0)
	for next := 0; head < len(jobs); {
		if q.Len() > 0 && (next == len(jobs) || q.Top().Time <= jobs[next].submit) {
			now = q.Top().Time
		} else {
			now = jobs[next].submit
		}
		for q.Len() > 0 && q.Top().Time == now {
			free += jobs[q.Pop().Ref].gpus
		}
		for next < len(jobs) && jobs[next].submit == now {
			next++
		}
		for head < next && jobs[head].gpus <= free {
			free -= jobs[head].gpus
			wait += now - jobs[head].submit
			q.Push(eventq.Entry{Time: now + jobs[head].run, Key: uint64(head), Ref: uint64(head)})
			head++
		}
	}
	return wait
}

func BenchmarkBareFCFS(b *testing.B) {
	f, err := os.Open(os.Getenv("ORRERY_LOAD"))
	if err != nil {
		b.Skip("ORRERY_LOAD is not set")
	}
	var jobs []bareJob
	for s := bufio.NewScanner(f); s.Scan(); {
		var id, submit, wait, run, gpus int64
		if n, _ := fmt.Sscan(s.Text(), &id, &submit, &wait, &run, &gpus); n == 5 {
			jobs = append(jobs, bareJob{submit, run, int32(gpus)})
		}
	}
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		w := bareFCFS(jobs, 2048)
		b.ReportMetric(float64(w)/float64(len(jobs)), "wait-s")
	}
	b.ReportMetric(float64(len(jobs))*float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
}
