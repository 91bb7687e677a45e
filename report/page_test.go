package report

import (
	"slices"
	"strings"
	"testing"
)

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"":              0,
		"mx.example #1": 13,
		"bücher":        6,
		"bu\u0308cher":  6, // an accent of its own
		"日本語":           6,
		"한국어":           6,
		"ｆｕｌｌ":          8,
		"メール mail":      11,
		"e\u0301\u0302": 1,
	} {
		if got := width(text); got != want {
			t.Errorf("%q is %d columns wide, want %d", text, got, want)
		}
		if got := width(pad(text, 14)); got != 14 {
			t.Errorf("%q is padded to %d columns", text, got)
		}
	}
}

// Lines break where a terminal would, whatever the script.
func TestWrapWide(t *testing.T) {
	got := wrap("日本語 日本語 日本語 日本語 te\u0301le\u0301 te\u0301le\u0301", 24, 4)
	if want := []string{"日本語 日本語 日本語", "日本語 te\u0301le\u0301 te\u0301le\u0301"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What follows a verdict begins in the same column, whatever the verdict is written in.
func TestHeadAligns(t *testing.T) {
	for _, verdict := range []string{"open", "日本語", "e\u0301"} {
		var p page
		p.head(noColour, verdict, "mx.example", "")
		before, _, _ := strings.Cut(p.b.String(), "mx.example")
		if width(before) != verdictWidth {
			t.Errorf("%q: the place begins in column %d", verdict, width(before))
		}
	}
}
