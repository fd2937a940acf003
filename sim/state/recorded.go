package state

// RecStart is a job's recorded start instant, or Unset.
func (j *Jobs) RecStart(job int32) Time {
	if int(job) >= len(j.recorded) {
		return Unset
	}
	return j.recorded[job]
}

// SetRecStart notes it.
func (j *Jobs) SetRecStart(job int32, at Time) {
	if at == Unset && int(job) >= len(j.recorded) {
		return
	}
	for int(job) >= len(j.recorded) {
		j.recorded = append(j.recorded, Unset)
	}
	j.recorded[job] = at
}
