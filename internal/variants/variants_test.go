package variants

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var seeds = []string{"abcdef", "ABCDEF", "a b c\nd e f\ng h i\n", ""}

func TestSameTwice(t *testing.T) {
	if !slices.Equal(slices.Collect(Of(500, seeds...)), slices.Collect(Of(500, seeds...))) {
		t.Error("the same seeds have other variants")
	}
	var texts []string
	for b := range Of(500, []byte(seeds[0]), []byte(seeds[1])) {
		texts = append(texts, string(b))
	}
	if !slices.Equal(texts, slices.Collect(Of(500, seeds[:2]...))) {
		t.Error("bytes have other variants than text")
	}
}

func TestSeedsComeFirst(t *testing.T) {
	all := slices.Collect(Of(500, seeds...))
	if len(all) != len(seeds)+500 || !slices.Equal(all[:len(seeds)], seeds) {
		t.Errorf("%d texts, the first %q", len(all), all[:len(seeds)])
	}
}

func TestAllDiffer(t *testing.T) {
	for _, seeds := range [][]string{seeds, {"220"}, {""}} {
		seen := map[string]bool{}
		for text := range Of(2000, seeds...) {
			seen[text] = true
		}
		if len(seen) != len(seeds)+2000 {
			t.Errorf("%q: %d differ", seeds, len(seen))
		}
	}
}

// What each kind of change makes of abcdef, beside ABCDEF.
func TestEveryKindIsSeen(t *testing.T) {
	made := map[string]string{
		"delete":             `^abc?ef?$`,
		"double":             `^a(bcbc|cdcd|bb)`,
		"move":               `^ab?(dc|dec|edc)`,
		"exchange":           `^a(dcb|edc)`,
		"splice":             `^[a-f]+[A-F]*F$`,
		"insert of another":  `^[a-f]+[A-F]+[a-f]*f$`,
		"replace by another": `^a[A-F]c?def$`,
		"insert trouble":     `^abc[^a-z]+def$`,
		"replace by trouble": `^ab[^a-z]+ef$`,
		"insert a byte":      `^abcdef?[g-z]`,
		"flip a bit":         `^ab[k-s]def$`,
		"run":                `(ab){100}|(cd){100}|\({100}`,
	}
	all := slices.Collect(Of(5000, seeds[:2]...))
	for _, kind := range kinds {
		seen := regexp.MustCompile(cmp.Or(made[kind.name], "no row"))
		if !slices.ContainsFunc(all, seen.MatchString) {
			t.Errorf("%s: no variant is like %s", kind.name, seen)
		}
	}
	for _, bad := range trouble {
		if !slices.ContainsFunc(all, func(text string) bool { return strings.Contains(text, bad) }) {
			t.Errorf("%q is in none", bad)
		}
	}
}

// An input of several texts: each is changed alone and together with others, and only by its own column.
func TestRows(t *testing.T) {
	changed := map[[2]bool]int{}
	for row := range Rows(1000, []string{"one", "111"}, []string{"two", "222"}) {
		changed[[2]bool{row[0] != "one" && row[0] != "two", row[1] != "111" && row[1] != "222"}]++
		if strings.Contains(row[0], "22") || strings.Contains(row[1], "two") {
			t.Errorf("%q", row)
		}
	}
	if changed[[2]bool{true, false}] < 100 || changed[[2]bool{false, true}] < 100 || changed[[2]bool{true, true}] < 100 {
		t.Errorf("columns changed: %v", changed)
	}
}
