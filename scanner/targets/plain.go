package targets

import (
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

var plainList = ListForm{
	Name:  "one per line",
	About: "or several, as for nmap -iL; or a host and its port",
	Note: "A comment begins with #, or with ; or // behind a space. Quotes and last commas are left out. A number before a name " +
		"that ends in a dot is the preference of an MX record, as dig +short writes it.",
	Sample: `# mail hosts of Example Ltd.
mail.example.org                 # all its addresses, on 25, 465 and 587
192.0.2.25:2525
192.0.2.7 192.0.2.9,11 mx:example.net
backup.example.org 587
198.51.100.0/28                  # expect=unreachable
192.0.2.26                       # the old relay local-domain=example.org,example.net local-user=ada
`,
	looks: func(string) bool { return true },
	read:  eachLine(word.targets),
}

// targets are those that a line names.
func (w word) targets() iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		named, comment := uncommented(w.text)
		e := entry{word: w}
		e.text = preference.ReplaceAllString(strings.TrimSpace(named), "$1")
		if e.text == "" {
			return
		}
		if err := e.remarks(comment); err != nil {
			yield(e, err)
			return
		}
		texts, err := e.split()
		if err != nil {
			yield(e, err)
			return
		}
		for _, text := range texts {
			one := e
			one.text = text
			if one.spec, err = one.parseListed(); !yield(one, err) {
				return
			}
		}
	}
}

// comment begins one: # anywhere, as nmap has it, and ; or // alone or behind a space, as other programs do.
var comment = regexp.MustCompile(`#|(?:^|\s)(?:;|//)`)

// preference is that of an MX record, as dig +short writes it: "10 mail.example.org.".
var preference = regexp.MustCompile(`^\d{1,5}\s+(\S+\.)$`)

// uncommented parts a line from its comment.
func uncommented(line string) (named, remark string) {
	if at := comment.FindStringIndex(line); at != nil {
		return line[:at[0]], line[at[1]:]
	}
	return line, ""
}

// parseListed reads a target of a list by the first kind it looks like.
func (w word) parseListed() (spec, error) {
	kind := KindOf(w.text)
	switch {
	case w.text == "-":
		return spec{}, w.errorf(howTargets, "a target file cannot name standard input")
	case kind.parse == nil:
		return spec{}, w.errorf(command(w.text), "a target file cannot name another")
	}
	return kind.parse(w)
}

// split parts a line into targets. A number is the port of what stands before it, if nothing else does.
func (w word) split() ([]string, error) {
	if target, port, ok := w.pair(); ok {
		return []string{withPort(target, port)}, nil
	}
	texts := lineWords(w.text)
	return texts, w.checkSeveral(texts)
}

// lineWords are the words of a line, without the quotes and the commas that a table leaves with them.
func lineWords(line string) (texts []string) {
	for _, text := range strings.Fields(line) {
		text = strings.Trim(strings.Trim(text, ","), `"'`)
		if isOctets(text) {
			texts = append(texts, text)
		} else {
			texts = append(texts, strings.FieldsFunc(text, func(r rune) bool { return r == ',' })...)
		}
	}
	return texts
}

// pair parts a target from its port: by a space, or by a comma as in a spreadsheet. To nmap 192.0.2.1,25 is two addresses,
// but behind a name, and above 255, a number can be nothing else than a port.
func (w word) pair() (target, port string, ok bool) {
	texts := strings.FieldsFunc(w.text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(texts) != 2 || !isNumber(texts[1]) {
		return "", "", false
	}
	_, noOctet := strconv.ParseUint(texts[1], 10, 8)
	listed := strings.Contains(w.text, ",") && isNumeric(texts[0]) && noOctet == nil
	return texts[0], texts[1], !listed
}

// checkSeveral refuses a line of several words that may be no targets at all. Whoever names a file by mistake must not
// have each of its words looked up in the DNS.
func (w word) checkSeveral(texts []string) error {
	for i, text := range texts {
		of := w
		of.text = text
		switch {
		case len(texts) == 1:
		case i > 0 && isNumber(text):
			return w.errorf(howTargets, "%q: a port stands behind its target, with a colon", w.text)
		case !of.telling():
			return w.errorf(howTargets, "%q is more than one target: a name without a dot stands in a line of its own", w.text)
		}
	}
	return nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// withPort is a target with its port.
func withPort(target, port string) string {
	if strings.Count(target, ":") > 1 && target[0] != '[' && !strings.Contains(target, "/") && !isMX(target) {
		target = "[" + target + "]"
	}
	return target + ":" + port
}

// portless finds the port of a target.
var portless = regexp.MustCompile(`^([^:]+|\[.*\]|[^:]*/.*):\d+$`)

// ported gives the numbers of a line to the target before them.
func ported(texts []string) (targets []string) {
	last := ""
	for i, text := range texts {
		if isNumber(text) {
			targets = append(targets, withPort(last, text))
			continue
		}
		last = portless.ReplaceAllString(text, "$1")
		if last != text || i == len(texts)-1 || !isNumber(texts[i+1]) {
			targets = append(targets, text)
		}
	}
	return targets
}

// remark finds the keys of a comment that mean something. They may stand behind other words, but not inside of one, as
// in the address of a page: a firewall that must hold would not be watched for a capital letter or a semicolon.
var remark = regexp.MustCompile(`(?i)(?:^|[\s#,;(\[])(expect|local-domain|local-user)=`)

// remarks reads a comment: what is known of the targets of its line, and expected of them. A value runs to the next key or
// to the end of the line.
func (e *entry) remarks(comment string) error {
	at := remark.FindAllStringSubmatchIndex(comment, -1)
	for i, m := range at {
		end := len(comment)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		key, value := strings.ToLower(comment[m[2]:m[3]]), strings.TrimSpace(comment[m[1]:end])
		if value == "" {
			return e.errorf(howTargets, "%s= says nothing", key)
		}
		if err := e.remark(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (e *entry) remark(key, value string) error {
	if key == "expect" {
		e.expect = value
		return nil
	}
	if e.local == nil {
		e.local = &probe.Local{}
	}
	for _, text := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		read, list := netaddr.ASCII, &e.local.Domains
		if key == "local-user" {
			read, list = netaddr.ASCIIUser, &e.local.Users
		}
		name, err := read(text)
		if err != nil {
			return e.errorf(howTargets, "%s=%q: %v", key, text, err)
		}
		*list = append(*list, name)
	}
	return nil
}
