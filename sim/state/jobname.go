package state

// NameInline is the room for a job's name in its column: a length byte and the text. Longer names live apart, so that a
// fork copies one flat column.
const NameInline = 48

const longName = 0xff

// SetName stores a job's name in its slot.
func (j *Jobs) SetName(job int32, name []byte) {
	cell := &j.Name[job]
	if len(name) < NameInline {
		cell[0] = byte(len(name))
		copy(cell[1:], name)
		return
	}
	cell[0] = longName
	for int(job) >= len(j.long) {
		j.long = append(j.long, "")
	}
	j.long[job] = string(name)
}

// NameOf is the job's name in its trace. The bytes are valid until the slot is recycled.
func (j *Jobs) NameOf(job int32) []byte {
	cell := &j.Name[job]
	if cell[0] == longName {
		return []byte(j.long[job])
	}
	return cell[1 : 1+cell[0]]
}

// Len is the number of job slots, free ones included.
func (j *Jobs) Len() int { return len(j.Row) }

// CloneSparse makes what few jobs have, names that are not inline and recorded starts, independent of the columns they were copied from.
func (j *Jobs) CloneSparse() {
	j.long, j.recorded = append([]string(nil), j.long...), append([]Time(nil), j.recorded...)
}
