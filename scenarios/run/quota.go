package run

import "github.com/orrery-sim/orrery/sim/metric/shares"

// QuotaFigures are who got what of a quota tree; the package documentation of sim/metric/shares defines each.
type QuotaFigures struct {
	Jain    Number       `json:"jain"`
	ByQueue []QueueShare `json:"by_queue"` // in the order of the tree
}

// QueueShare is one queue's, with those below it.
type QueueShare struct {
	Queue        string `json:"queue"`
	Parent       string `json:"parent"` // "" = none
	Due          Number `json:"due_gpu_h"`
	Used         Number `json:"used_gpu_h"`
	Own          Number `json:"own_gpu_h"`
	Borrowed     Number `json:"borrowed_gpu_h"`
	Lent         Number `json:"lent_gpu_h"`
	Satisfaction Number `json:"satisfaction"` // of what it wanted of its due, the part that it had
}

func quotaFigures(r *shares.Result) *QuotaFigures {
	f := &QuotaFigures{Jain: Number(r.Jain)}
	const gpuHour = 3_600_000_000_000 * 1000
	for i := range r.Queues {
		q := &r.Queues[i]
		if q.Name == "" {
			continue // it was deleted
		}
		parent := ""
		if q.Parent >= 0 {
			parent = r.Queues[q.Parent].Name
		}
		f.ByQueue = append(f.ByQueue, QueueShare{q.Name, parent, Number(q.Due.Float(gpuHour)), Number(q.Used.Float(gpuHour)), Number(q.Own.Float(gpuHour)),
			Number(q.Borrowed.Float(gpuHour)), Number(q.Lent.Float(gpuHour)), Number(q.Satisfaction())})
	}
	return f
}
