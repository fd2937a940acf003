package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// Archive is the jobs of one world that have ended. One goroutine appends; what others may call says so.
type Archive struct {
	records, rows *log
	path          string // of its files, without their endings; "" = in memory
	chunks        []*chunk
	n             uint32 // rows that Publish has shown
	sum           uint32 // CRC-32C of the bytes in rows
	rowOf         []uint32

	added []added // not written yet
	text  []byte  // their records
	line  []byte
	ready int // of added: written, not shown
}

// added is a row on its way in.
type added struct {
	row      Row
	from, to int // its record in text
	at       int64
}

// Mark is how far an archive has come.
type Mark struct {
	Rows        uint32
	RowBytes    int64
	RecordBytes int64
	Sum         uint32 // of the rows
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const (
	rowsEnding    = ".rows"
	recordsEnding = ".records"
	prefix        = "ended-"
)

// New makes an empty archive in memory.
func New() *Archive { return &Archive{records: &log{}, rows: &log{}} }

// Open opens the archive of a name in a folder as it was at a mark, the zero one being empty; what came later is forgotten.
func Open(dir, name string, m Mark) (*Archive, error) {
	a := &Archive{path: filepath.Join(dir, prefix+name)}
	var err error
	if a.records, err = openLog(a.path+recordsEnding, m.RecordBytes); err != nil {
		return nil, err
	}
	if a.rows, err = openLog(a.path+rowsEnding, m.RowBytes); err != nil {
		return nil, errors.Join(err, a.records.close())
	}
	if err := a.load(m); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", a.path+rowsEnding, err), a.Close())
	}
	return a, nil
}

// RemoveOthers deletes the archives of a folder that have another name.
func RemoveOthers(dir, name string) {
	list, _ := os.ReadDir(dir)
	for _, f := range list {
		if n := f.Name(); strings.HasPrefix(n, prefix) && n != prefix+name+rowsEnding && n != prefix+name+recordsEnding {
			_ = os.Remove(filepath.Join(dir, n)) // the next one finds it again
		}
	}
}

// load reads the rows up to a mark.
func (a *Archive) load(m Mark) error {
	var b []byte
	buffer := make([]byte, 1<<20)
	for at := int64(0); at < m.RowBytes || len(b) > 0; {
		var r Row
		place, size, name, rest, err := takeRow(b, &r)
		if err == nil && (r.Number >= math.MaxUint32 || place < 0 || place+int64(size) > m.RecordBytes) {
			return errRow
		}
		if err == nil {
			a.put(&r, name, place, size)
			b = rest
			continue
		}
		if at == m.RowBytes || len(b) == len(buffer) {
			return err
		}
		left := copy(buffer, b)
		n, err := a.rows.file.ReadAt(buffer[left:left+int(min(int64(len(buffer)-left), m.RowBytes-at))], at)
		if n == 0 && err != nil {
			return err
		}
		a.sum = crc32.Update(a.sum, castagnoli, buffer[left:left+n])
		at += int64(n)
		b = buffer[:left+n]
	}
	if a.n != m.Rows || a.sum != m.Sum {
		return errRow
	}
	return nil
}

// put shows a row.
func (a *Archive) put(r *Row, name []byte, at int64, size uint32) {
	i := int(a.n % chunkRows)
	if i == 0 {
		a.chunks = append(a.chunks, &chunk{})
	}
	a.chunks[len(a.chunks)-1].put(i, r, name, at, size)
	for uint64(len(a.rowOf)) <= r.Number {
		a.rowOf = append(a.rowOf, 0)
	}
	if was := a.rowOf[r.Number]; was > 0 {
		c := a.chunks[(was-1)/chunkRows]
		c.over[(was-1)%chunkRows].Store(a.n + 1)
		c.replaced.Store(true)
	}
	a.n++
	a.rowOf[r.Number] = a.n
}

// Add takes a row in, in the place of an earlier one of the same job, with its record. Flush writes it, Publish shows it.
func (a *Archive) Add(r Row, record []byte) {
	from := len(a.text)
	if !r.Deleted {
		a.text = append(a.text, record...)
		a.text = binary.LittleEndian.AppendUint32(a.text, crc32.Checksum(record, castagnoli))
	}
	a.added = append(a.added, added{row: r, from: from, to: len(a.text)})
}

// Flush writes what was added. After an error nothing of it was, and it is still to be written.
func (a *Archive) Flush() error {
	if a.ready == len(a.added) {
		return nil
	}
	if len(a.added) > 0 && uint64(a.n)+uint64(len(a.added)) >= math.MaxUint32 {
		return fmt.Errorf("more than %d jobs have ended", math.MaxUint32-1)
	}
	if err := a.write(a.added[a.ready:]); err != nil {
		return err
	}
	a.ready = len(a.added)
	return nil
}

func (a *Archive) write(list []added) error {
	if a.records.file == nil {
		for i := range list {
			d := &list[i]
			d.at = a.records.keep(a.text[d.from:d.to])
		}
		return nil
	}
	was, from := a.records.size, list[0].from
	at, err := a.records.append(a.text[from:])
	if err != nil {
		return err
	}
	a.line = a.line[:0]
	for i := range list {
		d := &list[i]
		d.at = at + int64(d.from-from)
		a.line = appendRow(a.line, &d.row, d.at, uint32(d.to-d.from))
	}
	if _, err := a.rows.append(a.line); err != nil {
		a.records.size = was
		return err
	}
	a.sum = crc32.Update(a.sum, castagnoli, a.line)
	return nil
}

// Forget drops what was added and not shown.
func (a *Archive) Forget() { a.added, a.text, a.ready = nil, nil, 0 }

// Publish shows what Flush wrote. Whoever calls View or Find meanwhile must be kept out.
func (a *Archive) Publish() {
	for i := range a.added[:a.ready] {
		d := &a.added[i]
		a.put(&d.row, []byte(d.row.Name), d.at, uint32(d.to-d.from))
	}
	clear(a.added)
	a.added, a.text, a.ready = a.added[:0], a.text[:0], 0
	if cap(a.text) > 1<<20 {
		a.text = nil
	}
}

// Mark is how far the archive has come; everything that was added must have been shown.
func (a *Archive) Mark() Mark { return Mark{a.n, a.rows.size, a.records.size, a.sum} }

// Sync returns when all up to now would survive the machine's end. Any goroutine may call it.
func (a *Archive) Sync() error {
	if a.path == "" {
		return nil
	}
	return errors.Join(a.records.file.Sync(), a.rows.file.Sync())
}

// Find is the row of a job, or -1.
func (a *Archive) Find(number uint64) int {
	if number >= uint64(len(a.rowOf)) {
		return -1
	}
	return int(a.rowOf[number]) - 1
}

// View is the archive as it stands.
func (a *Archive) View() View {
	v := View{a: a, chunks: a.chunks, n: a.n}
	if len(a.chunks) > 0 {
		v.names = a.chunks[len(a.chunks)-1].names
	}
	return v
}

// Bytes is what the archive takes in memory, about, and in its files.
func (a *Archive) Bytes() (memory, files int64) {
	for _, c := range a.chunks {
		memory += chunkBytes + int64(cap(c.names))
	}
	memory += 4 * int64(cap(a.rowOf))
	if a.path == "" {
		return memory + a.records.size, 0
	}
	return memory, a.records.size + a.rows.size
}

// Close gives the files free. What was seen can still be found, not read.
func (a *Archive) Close() error { return errors.Join(a.records.close(), a.rows.close()) }

// Remove closes an archive that nobody needs any more and deletes its files.
func (a *Archive) Remove() error {
	err := a.Close()
	if a.path == "" {
		return err
	}
	return errors.Join(err, os.Remove(a.path+rowsEnding), os.Remove(a.path+recordsEnding))
}

var _ io.Closer = (*Archive)(nil)
