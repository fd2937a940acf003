package trace

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Column is a column that a format reads.
type Column struct {
	Name     string
	Aliases  []string // other names under which public files have it
	Required bool
	Doc      string // meaning and unit
}

// mostColumns bounds a header: no trace has a tenth of it, and every row is cut into as many fields.
const mostColumns = 4096

// table reads separated text with a header line. A row's fields are valid until the next row.
type table struct {
	lines    *lines
	sep      byte
	quotes   bool     // a field may stand in double quotes
	header   []string // as in the file, trimmed
	fields   [][]byte
	text     []byte // the present line
	scratch  []byte // unquoted text
	comments []string
	headCol  []int        // byte column of each header name, from 1
	parquet  *parquetRows // where the rows come from, if not from lines
}

// openTable reads the header. Lines that start with # before it are kept as comments.
func openTable(path string, limit int64, sep byte, quotes bool) (*table, error) {
	in, err := openInput(path, limit)
	if err != nil {
		return nil, err
	}
	t := &table{lines: newLines(in), sep: sep, quotes: quotes}
	if err := t.readHeader(); err != nil {
		in.Close()
		return nil, err
	}
	return t, nil
}

// openBare opens a table whose files carry no header line; one that repeats the names is accepted.
func openBare(path string, limit int64, sep byte, header []string) (*table, error) {
	in, err := openInput(path, limit)
	if err != nil {
		return nil, err
	}
	t := &table{lines: newLines(in), sep: sep, quotes: sep == ',', header: header}
	before := t.lines.place()
	text, err := t.lines.next()
	if err == io.EOF {
		err = &Error{File: path, What: "is empty", Want: "expected rows of " + strings.Join(header, string(sep))}
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	if first, _, _ := bytes.Cut(text, []byte{sep}); string(first) != header[0] {
		t.lines.back(before)
	}
	return t, nil
}

func (t *table) readHeader() error {
	for {
		text, err := t.lines.next()
		if err == io.EOF {
			return &Error{File: t.path(), What: "is empty", Want: "expected a header line with the names of the columns"}
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if text[0] == '#' {
			t.comments = append(t.comments, strings.TrimSpace(string(text[1:])))
			continue
		}
		t.text = text
		if err := t.split(0); err != nil {
			return err
		}
		break
	}
	seen := make(map[string]bool)
	for i, f := range t.fields {
		name := strings.TrimSpace(string(f))
		key := strings.ToLower(name)
		if name != "" && seen[key] {
			return t.fail(i, fmt.Sprintf("column %q stands twice in the header", name), "expected each name once", "")
		}
		seen[key] = true
		if i == mostColumns {
			return t.fail(i, fmt.Sprintf("the header has more than %d columns", mostColumns), "expected a trace", "")
		}
		t.header = append(t.header, name)
		t.headCol = append(t.headCol, t.columnOf(i))
	}
	return nil
}

// bind finds the columns in the header, by name or alias, whatever their case; -1 is absent.
func (t *table) bind(columns []Column) ([]int, error) {
	at := make([]int, len(columns))
	used := make([]bool, len(t.header))
	var missing []string
	for i, c := range columns {
		at[i] = -1
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			for j, h := range t.header {
				if at[i] < 0 && !used[j] && strings.EqualFold(h, name) {
					at[i], used[j] = j, true
				}
			}
		}
		if at[i] < 0 && c.Required {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) == 0 {
		return at, nil
	}
	var spare []string
	for j, h := range t.header {
		if !used[j] && h != "" {
			spare = append(spare, h)
		}
	}
	e := &Error{File: t.path(), Line: t.lines.line, What: "no column " + quoteList(missing),
		Want: "columns here: " + shownList(t.header)}
	for _, m := range missing {
		if n := nearest(m, spare); n != "" {
			e.Do = fmt.Sprintf("did you mean %q where it says %q?", m, n)
			break
		}
	}
	if e.Do == "" {
		e.Do = "name the columns so, or name the format that the file has: orrery trace list tells what each reads"
	}
	return nil, e
}

func quoteList(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(q, ", ")
}

// row reads the next row that is not blank; false at the end of the file.
func (t *table) row() (bool, error) {
	if t.parquet != nil {
		return t.parquet.read(t)
	}
	for {
		text, err := t.lines.next()
		if err == io.EOF {
			t.lines.in.Close()
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if len(text) == 0 || len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		t.text = text
		if err := t.split(len(t.header)); err != nil {
			return false, err
		}
		return true, nil
	}
}

// split cuts the present line into want fields; 0 accepts any number. One empty field too many is a trailing separator.
func (t *table) split(want int) error {
	t.fields = t.fields[:0]
	if t.quotes && bytes.IndexByte(t.text, '"') >= 0 {
		if err := t.splitQuoted(); err != nil {
			return err
		}
	} else {
		from := 0
		for i, c := range t.text {
			if c == t.sep {
				t.fields = append(t.fields, t.text[from:i])
				from = i + 1
			}
		}
		t.fields = append(t.fields, t.text[from:])
	}
	if want == 0 || len(t.fields) == want {
		return nil
	}
	if len(t.fields) == want+1 && len(t.fields[want]) == 0 {
		t.fields = t.fields[:want]
		return nil
	}
	return &Error{File: t.path(), Line: t.lines.line, What: fmt.Sprintf("has %d fields", len(t.fields)),
		Want: fmt.Sprintf("expected %d as in the header: %s", want, strings.Join(t.header, string(t.sep)))}
}

// splitQuoted cuts a line in which fields stand in double quotes; a doubled quote is a quote.
func (t *table) splitQuoted() error {
	if cap(t.scratch) < len(t.text) {
		t.scratch = make([]byte, 0, 2*len(t.text))
	}
	out, s, i := t.scratch[:0], t.text, 0
	for {
		from := len(out)
		if i < len(s) && s[i] == '"' {
			open := i
			i++
			for {
				if i >= len(s) {
					return &Error{File: t.path(), Line: t.lines.line, Col: open + 1, What: "a quoted field does not end on its line",
						Want: `expected a closing " (a quote inside is written "")`}
				}
				if s[i] == '"' {
					i++
					if i >= len(s) || s[i] != '"' {
						break
					}
				}
				out = append(out, s[i])
				i++
			}
			if i < len(s) && s[i] != t.sep {
				return &Error{File: t.path(), Line: t.lines.line, Col: i + 1, What: "text behind a closing quote",
					Want: fmt.Sprintf("expected %q or the end of the line", t.sep)}
			}
		} else {
			for i < len(s) && s[i] != t.sep {
				out = append(out, s[i])
				i++
			}
		}
		t.fields = append(t.fields, out[from:len(out):len(out)])
		if i >= len(s) {
			return nil
		}
		i++
	}
}

// columnOf is the byte column of a field of the present line, from 1; in Parquet its number.
func (t *table) columnOf(field int) int {
	if t.parquet != nil {
		return field + 1
	}
	inQuotes := false
	for i, c := range t.text {
		if field == 0 {
			return i + 1
		}
		if t.quotes && c == '"' {
			inQuotes = !inQuotes
		}
		if c == t.sep && !inQuotes {
			field--
		}
	}
	return len(t.text) + 1
}

func (t *table) close() {
	if t.parquet != nil {
		t.parquet.close()
	}
	t.lines.in.Close()
}

func (t *table) path() string { return t.lines.in.path }

// fail is an error about a field of the present row; a field below 0 is the row as a whole.
func (t *table) fail(field int, what, want, do string) *Error {
	e := &Error{File: t.path(), Line: t.lines.line, What: what, Want: want, Do: do}
	if field >= 0 {
		e.Col = t.columnOf(field)
	}
	return e
}

// bad is an error about a field whose text is no value of its kind.
func (t *table) bad(field int, f fault, want string) *Error {
	return t.fail(field, say(t.header[field], t.fields[field], f), want, "")
}

// get is the text of a bound column, empty when it is absent.
func (t *table) get(at int) []byte {
	if at < 0 {
		return nil
	}
	return t.fields[at]
}
