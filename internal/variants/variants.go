// Package variants changes texts at random, and the same way whenever it is asked. A fuzz target adds what it
// makes to its seeds, so that go test holds the target's law by count. Under go test -fuzz there are the seeds
// alone: the fuzzer makes its own variants, and would first run each of ours with its coverage.
package variants

import (
	"flag"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// Of yields the seeds, and then n variants of them, no two alike.
func Of[T string | []byte](n int, seeds ...T) iter.Seq[T] {
	rows := make([][]string, len(seeds))
	for i, seed := range seeds {
		rows[i] = []string{string(seed)}
	}
	return func(yield func(T) bool) {
		for row := range Rows(n, rows...) {
			if !yield(T(row[0])) {
				return
			}
		}
	}
}

// Rows is Of where an input is several texts. They change together or alone, each with pieces of its own column.
func Rows(n int, seeds ...[]string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		seen := make(map[string]bool)
		for _, row := range seeds {
			seen[strings.Join(row, "\x00")] = true
			if !yield(row) {
				return
			}
		}
		if fuzzing := flag.Lookup("test.fuzz"); fuzzing != nil && fuzzing.Value.String() != "" {
			return
		}
		r := rand.New(rand.NewPCG(1, 2))
		for n := n; n > 0; {
			row := variant(r, seeds)
			if key := strings.Join(row, "\x00"); !seen[key] {
				seen[key] = true
				n--
				if !yield(row) {
					return
				}
			}
		}
	}
}

func variant(r *rand.Rand, seeds [][]string) []string {
	row := slices.Clone(seeds[r.IntN(len(seeds))])
	always := r.IntN(len(row))
	for i := range row {
		if i != always && r.IntN(2) == 0 {
			continue
		}
		for range 1 + r.IntN(1<<r.IntN(3)) {
			row[i] = change(r, row[i], seeds[r.IntN(len(seeds))][i])
		}
	}
	return row
}

// kinds are the kinds of change: what stands in the place of a text that was cut into the pieces 0 to 4. A to E
// are the pieces of another seed.
var kinds = []struct{ name, pieces string }{
	{"delete", "0234"},
	{"double", "011234"},
	{"move", "02134"},
	{"exchange", "03214"},
	{"splice", "01CDE"},
	{"insert of another", "0B1234"},
	{"replace by another", "0B234"},
	{"insert trouble", "0t1234"},
	{"replace by trouble", "0t234"},
	{"insert a byte", "0b1234"},
	{"flip a bit", "0f234"},
	{"run", "0r1234"},
}

// trouble is what parsers stumble over.
var trouble = []string{
	"\x00", "\r", "\n", "\r\n", "\x1b", "\xff", "\u0301", "\u202e", "\u2028", "\u212a", " ", "\t", ".", "..", "-", "@", ":", "/", "\\", "\"",
	"<", ">", "(", ")", "[", "]", "0", "-1", "65536", "18446744073709551616",
}

func change(r *rand.Rand, text, other string) string {
	own, others, bad := cut(r, text), cut(r, other), trouble[r.IntN(len(trouble))]
	var b strings.Builder
	for _, piece := range kinds[r.IntN(len(kinds))].pieces {
		switch piece {
		case 't':
			b.WriteString(bad)
		case 'b':
			b.WriteByte(byte(r.IntN(256)))
		case 'f':
			flipped := []byte(own[1])
			if len(flipped) > 0 {
				flipped[r.IntN(len(flipped))] ^= 1 << r.IntN(8)
			}
			b.Write(flipped)
		case 'r': // of a piece or of trouble, to 32 KiB
			unit := []string{own[1], bad}[r.IntN(2)]
			b.WriteString(strings.Repeat(unit, 1<<r.IntN(16)/(len(unit)+1)))
		case 'A', 'B', 'C', 'D', 'E':
			b.WriteString(others[piece-'A'])
		default:
			b.WriteString(own[piece-'0'])
		}
	}
	return b.String()
}

// ends are where a piece may end: anywhere, or before a character that is of no word, a space, or the end of a line.
var ends = []func(rune) bool{
	func(rune) bool { return true },
	func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) },
	unicode.IsSpace,
	func(r rune) bool { return r == '\n' },
}

// cut cuts a text into five pieces. Those in the middle are short, to leave most of the text as it was.
func cut(r *rand.Rand, text string) (pieces [5]string) {
	ends, at := ends[r.IntN(len(ends))], r.IntN(len(text)+1)
	for i := range 4 {
		at += max(0, strings.IndexFunc(text[at:], ends))
		pieces[i], text = text[:at], text[at:]
		at = min(len(text), 1+r.IntN(1<<r.IntN(7)))
	}
	pieces[4] = text
	return pieces
}
