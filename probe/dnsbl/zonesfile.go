package dnsbl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"openrelay/probe/netaddr"
)

// FileError is a mistake in a file of zones.
type FileError struct {
	Where string // "zones.txt:7"
	Msg   string
	Try   string // a line that would work
}

func (e *FileError) Error() string { return e.Where + ": " + e.Msg }

// Hint says what would work instead.
func (e *FileError) Hint() string { return e.Try }

// dqs is the end of the zones of Spamhaus's Data Query Service, whose first label is the user's key.
const dqs = ".dq.spamhaus.net"

// ParseZones reads a user's own zones, one a line:
//
//	ZONE [ASKS] [MEANS] [NAME...]      # a remark
//
//	bl.example.org                                      addresses, IPv4; what is listed is accused
//	bl.example.org    ip4,ip6   accusation  Our list    both families, and a name for reports
//	dbl.example.org   name      policy                  domains
//	KEY.zen.dq.spamhaus.net  ip4,ip6  as:zen.spamhaus.org   another's codes and pages
//	default                                             the built-in zones too
//
// ASKS is what it can be asked about: ip4, ip6, name, or several of them with commas. MEANS is what a
// listing means: accusation, network, policy, or as:ZONE for what it means in a built-in zone. The key
// of a zone under dq.spamhaus.net is used in queries and shown nowhere. name is the name of the file,
// for errors, which are each a *[FileError].
func ParseZones(name string, r io.Reader) ([]Zone, error) {
	var own []Zone
	builtIn := false
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		n++
		text, _, _ := strings.Cut(lines.Text(), "#")
		if n == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		if len(words) == 1 && words[0] == "default" {
			builtIn = true
			continue
		}
		z, mistake := parseZone(words)
		if _, twice := Find(own, z.Zone); mistake == nil && twice {
			mistake = &FileError{Msg: fmt.Sprintf("zone %q is there twice", z.Zone), Try: "name each zone once"}
		}
		if mistake != nil {
			if len(own) == 0 || !mayQuote(words) { // the file may be any other, named by mistake
				mistake = &FileError{Msg: netaddr.Unquoted(mistake.Msg), Try: exampleLine}
			}
			mistake.Where = fmt.Sprintf("%s:%d", name, n)
			return nil, mistake
		}
		own = append(own, z)
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("longer than %d KiB, which is no zone", bufio.MaxScanTokenSize>>10)
	}
	if err != nil {
		return nil, &FileError{fmt.Sprintf("%s:%d", name, n+1), err.Error(), exampleLine}
	}
	if builtIn {
		own = withBuiltIn(own)
	}
	if len(own) == 0 {
		return nil, &FileError{name, "names no zone", exampleLine}
	}
	return own, nil
}

const exampleLine = "a zone a line, such as: bl.example.org ip4,ip6 accusation Our list"

// mayQuote reports whether the words of a line look like those of a zone, without a key.
func mayQuote(words []string) bool {
	return strings.Contains(words[0], ".") && !slices.ContainsFunc(words, func(w string) bool {
		return strings.Contains(strings.ToLower(w), dqs) || !netaddr.MayQuote(strings.ReplaceAll(w, ",", ""))
	})
}

// withBuiltIn adds the built-in zones, but those that are there already.
func withBuiltIn(own []Zone) []Zone {
	for _, z := range Zones {
		if _, mine := Find(own, z.Zone); !mine {
			own = append(own, z)
		}
	}
	return own
}

func parseZone(words []string) (Zone, *FileError) {
	zone := strings.ToLower(strings.TrimSuffix(words[0], "."))
	if !isZoneName(zone) {
		return Zone{}, &FileError{Msg: fmt.Sprintf("%q is not the name of a zone", words[0]), Try: "bl.example.org ip4"}
	}
	z, asks := Zone{Kind: Accusation}, IP4
	if len(words) > 1 {
		var bad string
		var ok bool
		if asks, bad, ok = parseAsks(words[1]); !ok {
			return Zone{}, &FileError{Msg: fmt.Sprintf("%q is nothing a zone can be asked about: ip4, ip6 or name", bad), Try: zone + " ip4,ip6"}
		}
	}
	if len(words) > 2 {
		var ok bool
		if z, ok = meaning(words[2]); !ok {
			return Zone{}, &FileError{Msg: fmt.Sprintf("%q is nothing a listing can mean: accusation, network, policy, or as:ZONE of a built-in zone", words[2]),
				Try: zone + " " + words[1] + " accusation"}
		}
	}
	z.Zone, z.Asks = zone, asks
	if len(words) > 3 {
		z.Name = strings.Join(words[3:], " ")
	}
	if strings.HasSuffix(zone, dqs) && strings.Count(zone, ".") > strings.Count(dqs, ".") {
		z.Key, z.Zone, _ = strings.Cut(zone, ".")
	}
	return z, nil
}

// meaning reads MEANS: a kind, or a built-in zone to be like.
func meaning(word string) (Zone, bool) {
	if like, ok := strings.CutPrefix(word, "as:"); ok {
		z, found := Find(Zones, like)
		z.Needs = ""
		return z, found
	}
	return Zone{Kind: Kind(word)}, weight[Kind(word)] > 0
}

// parseAsks reads ASKS, and returns the part of it that is wrong.
func parseAsks(word string) (asks Asks, bad string, ok bool) {
	for part := range strings.SplitSeq(word, ",") {
		found := Asks(0)
		for _, one := range EveryAsks {
			if one.String() == part {
				found = one
			}
		}
		if found == 0 {
			return 0, part, false
		}
		asks |= found
	}
	return asks, "", true
}

// maxZone leaves room for what is asked about: 32 nibbles with their dots, of the 253 characters a
// name has.
const maxZone = 253 - 64

// isZoneName reports whether a name can be that of a list. Its final dot, if it had one, is gone.
func isZoneName(name string) bool {
	return netaddr.HostName(name) && !strings.HasSuffix(name, ".") && len(name) <= maxZone
}
