package phrasebook

import (
	"strings"
	"testing"

	"openrelay/internal/variants"
)

// TestBanners lets every row prove itself, with and without the code, and no earlier row claim its example.
func TestBanners(t *testing.T) {
	for i, row := range Banners {
		for j, earlier := range Banners[:i] {
			if earlier.Pattern.MatchString(row.Example + "\n") {
				t.Errorf("row %d (%s) matches the example of row %d: %q", j, earlier.MTA, i, row.Example)
			}
		}
		code, line, _ := strings.Cut(row.Example, " ")
		for _, s := range []string{line, row.Example, code + "-" + line} {
			banner, ehlo := s, []string(nil)
			if code == "250" {
				banner, ehlo = "mx.example.org ESMTP", []string{"mx.example.org", s}
			}
			if got := MTA(banner, ehlo); got != row.MTA {
				t.Errorf("row %d: MTA(%q, %q) = %q, want %q", i, banner, ehlo, got, row.MTA)
			}
		}
	}
}

func TestMTA(t *testing.T) {
	tests := []struct {
		banner string
		ehlo   []string
		want   string
	}{
		{"", nil, ""},
		{"mx.example.org ESMTP", nil, ""},
		{"mx.example.org", []string{"mx.example.org Hello [192.0.2.7]", "SIZE 31457280", "8BITMIME"}, ""},
		{"EX01.example.org Microsoft ESMTP MAIL Service ready at Mon, 5 Oct 2026", []string{"EX01.example.org Hello [192.0.2.7]", "X-ANONYMOUSTLS", "X-EXPS NTLM"}, "Exchange"},
		{"EX01.example.org", []string{"EX01.example.org Hello [192.0.2.7]", "X-ANONYMOUSTLS"}, "Exchange"},
		{"mx.example.org ESMTP", []string{"mx.example.org", "XVERP=Courier"}, "Courier"},
		{"mx.example.org ESMTP", []string{"mx.example.org Hello client.example [192.0.2.7], Haraka is at your service."}, "Haraka"},
		{"mail you are welcome", []string{"mail.example.org you had me at EHLO"}, "Stalwart"},
		{"first line\n220 mx.example.org ESMTP Postfix", nil, "Postfix"},
		{strings.Repeat("x", 1<<20), []string{strings.Repeat("y", 1<<20)}, ""},
	}
	for _, tt := range tests {
		if got := MTA(tt.banner, tt.ehlo); got != tt.want {
			t.Errorf("MTA(%.60q, %.60q) = %q, want %q", tt.banner, tt.ehlo, got, tt.want)
		}
	}
}

func FuzzMTA(f *testing.F) {
	var seeds [][]string
	for _, row := range Banners {
		seeds = append(seeds, []string{row.Example, "SIZE"})
	}
	for row := range variants.Rows(500, seeds...) {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, banner, line string) {
		if a, b := MTA(banner, []string{line}), MTA(banner, []string{line}); a != b {
			t.Fatalf("MTA(%q, %q) = %q, then %q", banner, line, a, b)
		}
	})
}
