package metric

const chunkLen = 4096

// samples is an append-only list of int64. Full chunks are never written again, so a clone shares them.
type samples struct {
	chunks []*[chunkLen]int64
	n      int
}

func (s *samples) add(v int64) {
	at := s.n % chunkLen
	if at == 0 {
		s.chunks = append(s.chunks, new([chunkLen]int64))
	}
	s.chunks[len(s.chunks)-1][at] = v
	s.n++
}

// appendTo copies all values to dst.
func (s *samples) appendTo(dst []int64) []int64 {
	left := s.n
	for _, c := range s.chunks {
		dst = append(dst, c[:min(left, chunkLen)]...)
		left -= chunkLen
	}
	return dst
}

func (s *samples) clone() samples {
	c := samples{chunks: append([]*[chunkLen]int64(nil), s.chunks...), n: s.n}
	if s.n%chunkLen != 0 {
		last := *s.chunks[len(s.chunks)-1]
		c.chunks[len(c.chunks)-1] = &last
	}
	return c
}
