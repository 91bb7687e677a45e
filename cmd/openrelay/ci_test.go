package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"openrelay/report"
)

const root = "../.."

// step is one step of the GitHub Action.
type step struct {
	Name, ID, Uses, Shell, Run string
	Env                        map[string]string
}

// action is action.yml.
type action struct {
	Inputs map[string]struct {
		Description, Default string
		Required             bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

func parse(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	parse(t, "action.yml", &a)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatal("action.yml is no composite action")
	}
	return a
}

var expression = regexp.MustCompile(`\$\{\{\s*(inputs|steps)\.([a-z-]+)(?:\.outputs\.([a-z-]+))?\s*\}\}`)

// Inputs reach scripts in the environment only: a name that is pasted into a script is run by it.
func TestActionPastesNothing(t *testing.T) {
	a := readAction(t)
	used := map[string]bool{}
	for _, s := range a.Runs.Steps {
		if s.Uses != "" || s.Shell != "bash" || s.Run == "" {
			t.Errorf("%s: only run: steps, in bash", s.Name)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s: pastes an expression into a script", s.Name)
		}
		for name, value := range s.Env {
			m := expression.FindStringSubmatch(value)
			if m == nil || m[0] != value {
				t.Errorf("%s: %s is %q, no input and no output", s.Name, name, value)
				continue
			}
			if m[1] == "inputs" {
				used[m[2]] = true
			}
		}
	}
	for name, input := range a.Inputs {
		if input.Description == "" || !used[name] {
			t.Errorf("input %s has no description or is not used", name)
		}
		delete(used, name)
	}
	if len(used) > 0 {
		t.Errorf("no such inputs: %v", used)
	}
}

// runner runs the action as GitHub does: each step's script in a file of its own, the environment of
// the step, the outputs of those before.
type runner struct {
	t       *testing.T
	action  action
	dir     string // of the job
	outputs map[string]string
	log     string
	summary string
}

func newRunner(t *testing.T) *runner {
	if _, err := exec.LookPath("bash"); err != nil && os.Getenv("CI") == "" {
		t.Skip("needs bash")
	}
	return &runner{t: t, action: readAction(t), dir: t.TempDir()}
}

// run runs the job and returns its status.
func (r *runner) run(inputs map[string]string) int {
	r.t.Helper()
	r.outputs, r.log = map[string]string{}, ""
	temp := r.t.TempDir()
	files := map[string]string{}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH"} {
		files[name] = filepath.Join(temp, name)
	}
	source, err := filepath.Abs(root)
	if err != nil {
		r.t.Fatal(err)
	}
	env := append(os.Environ(), "CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP="+temp, "GITHUB_ACTION_PATH="+source)
	for name, file := range files {
		env = append(env, name+"="+file)
	}
	status := 0
	for _, s := range r.action.Runs.Steps {
		own := slices.Clone(env)
		for name, value := range s.Env {
			own = append(own, name+"="+r.evaluate(value, inputs))
		}
		if status = r.script(temp, s.Run, own); status != 0 {
			break
		}
		r.takeOutputs(s.ID, files["GITHUB_OUTPUT"])
	}
	r.takeOutputs("scan", files["GITHUB_OUTPUT"])
	summary, _ := os.ReadFile(files["GITHUB_STEP_SUMMARY"])
	r.summary = string(summary)
	for _, name := range []string{"GITHUB_ENV", "GITHUB_PATH"} {
		if _, err := os.Stat(files[name]); err == nil {
			r.t.Errorf("the action leaves something in %s for steps that are not its own", name)
		}
	}
	return status
}

func (r *runner) evaluate(value string, inputs map[string]string) string {
	m := expression.FindStringSubmatch(value)
	if m == nil {
		r.t.Fatalf("cannot evaluate %q", value)
	}
	if m[1] == "steps" {
		return r.outputs[m[2]+"."+m[3]]
	}
	if v, given := inputs[m[2]]; given {
		return v
	}
	return r.action.Inputs[m[2]].Default
}

// script runs a script as the runner's `shell: bash` does.
func (r *runner) script(temp, script string, env []string) int {
	file := filepath.Join(temp, "step.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return r.execute(env, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", file)
}

func (r *runner) execute(env []string, name string, args ...string) int {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = r.dir, env
	out, err := cmd.CombinedOutput()
	r.log += string(out)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

func (r *runner) takeOutputs(id, file string) {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			r.outputs[id+"."+name] = value
		}
	}
}

// obeyed returns the workflow commands of a log that the runner would obey.
func (r *runner) obeyed() (commands []string) {
	stopped := ""
	for line := range strings.Lines(r.log) {
		line = strings.TrimSpace(line)
		token, stops := strings.CutPrefix(line, "::stop-commands::")
		switch {
		case stopped != "" && line == "::"+stopped+"::":
			stopped = ""
		case stopped != "":
		case stops && len(token) >= 32:
			stopped = token
		case strings.HasPrefix(line, "::"), strings.Contains(line, "##["):
			commands = append(commands, line)
		}
	}
	if stopped != "" {
		r.t.Error("the runner is left deaf to commands")
	}
	return commands
}

func has(format string) bool {
	_, err := report.Results.Find(format)
	return err == nil
}

// program is where the program under test is.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openrelay")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func startStaged(t *testing.T) *staged {
	t.Helper()
	s, err := newStaged()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

func (s *staged) serve(t *testing.T, config string) {
	t.Helper()
	if err := s.start(stagings[config]()); err != nil {
		t.Fatal(err)
	}
}

// TestAction runs the action over the life of a server: configured rightly, broken, known, mended.
func TestAction(t *testing.T) {
	t.Parallel()
	r, s := newRunner(t), startStaged(t)
	inputs := func(more ...string) map[string]string {
		all := map[string]string{"binary": program(t), "targets": "\n" + s.addr + "\n", "local-domain": "local.test",
			"arguments": "--timeout\n1m\n--retry-for=-1s", "summary": "false"}
		if has("markdown") {
			all["summary"] = "true"
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	const because = " open sender-own-domain,sender-own-user,percent-own-domain until 2099-12-31 because CHG-1234\n"
	if err := os.WriteFile(filepath.Join(r.dir, "expect.txt"), []byte(s.addr+because), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, config string
		inputs       []string
		status       int
		open, log    string
	}{
		{"configured rightly", "closed", []string{"results", "good.jsonl"}, 0, "0", "relay-denied"},
		{"broken", "forged", []string{"baseline", "good.jsonl", "results", "broken.jsonl"}, 1, "1", "accepts sender-own-domain"},
		{"known", "forged", []string{"baseline", "broken.jsonl", "fail-on", "new-open"}, 0, "1", "nothing changed"},
		{"signed for", "forged", []string{"expect", "expect.txt"}, 0, "1", "because CHG-1234"},
		{"mended", "closed", []string{"baseline", "broken.jsonl"}, 0, "0", "openrelay: closed 127.0.0.1"},
		{"no answer", "greylist", nil, 3, "0", "greylisted"},
		{"ill-meaning", "hostile", []string{"baseline", "good.jsonl", "arguments", "--timeout\n1m\n--retry-for=-1s\n-v"}, 3, "0", "pwned"},
		{"a slip", "closed", []string{"fail-on", "naught", "results", "none.jsonl"}, 2, "0", "openrelay: hint: "},
		{"a slip behind another scan", "closed", []string{"fail-on", "naught", "results", "broken.jsonl"}, 2, "0", "openrelay: hint: "},
		{"another report", "closed", []string{"reports", "table=report.txt\n\n", "wait", "5s"}, 0, "0", "relay-denied"},
	} {
		s.serve(t, test.config)
		status := r.run(inputs(test.inputs...))
		if status != test.status || r.outputs["scan.open"] != test.open || !strings.Contains(r.log, test.log) {
			t.Errorf("%s: status %d, want %d; %s open, want %s; want %q in the log:\n%s", test.name, status, test.status, r.outputs["scan.open"], test.open, test.log, r.log)
		}
		if got := r.outputs["scan.status"]; got != string(rune('0'+status)) {
			t.Errorf("%s: output status is %s", test.name, got)
		}
		if commands := r.obeyed(); len(commands) > 0 {
			t.Errorf("%s: the runner would obey %q", test.name, commands)
		}
		if has("markdown") && status != 2 && !strings.Contains(r.summary, "127.0.0.1") {
			t.Errorf("%s: the summary is %q", test.name, r.summary)
		}
	}
	if _, err := os.Stat(filepath.Join(r.dir, "report.txt")); err != nil {
		t.Error(err)
	}
}

// Without a binary the action builds its own.
func TestActionBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	r, s := newRunner(t), startStaged(t)
	s.serve(t, "closed")
	if status := r.run(map[string]string{"targets": s.addr, "summary": "false"}); status != 0 {
		t.Errorf("status %d:\n%s", status, r.log)
	}
}

// gitlab is ci/gitlab.yml.
type gitlab struct {
	Job struct {
		Variables    map[string]string
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Artifacts    struct {
			When    string
			Paths   []string
			Reports map[string]string
		}
	} `yaml:".openrelay"`
}

// TestGitLab runs the job's scripts as GitLab's runner does, in bash and in a plain shell.
func TestGitLab(t *testing.T) {
	t.Parallel()
	var g gitlab
	parse(t, "ci/gitlab.yml", &g)
	job := g.Job
	if job.Artifacts.When != "always" || job.Artifacts.Reports["junit"] != job.Variables["OPENRELAY_JUNIT"] || len(job.Script) == 0 {
		t.Errorf("artifacts %+v", job.Artifacts)
	}
	scan := scanCommand(&ui{})
	for name := range job.Variables {
		flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "OPENRELAY_"), "_", "-"))
		if scan.Flags().Lookup(flag) != nil {
			t.Errorf("%s sets --%s as well", name, flag)
		}
	}
	s := startStaged(t)
	path := filepath.Dir(program(t)) + string(os.PathListSeparator) + os.Getenv("PATH")
	for _, shell := range [][]string{{"bash", "-e", "-o", "pipefail", "-c"}, {"sh", "-e", "-c"}} {
		if _, err := exec.LookPath(shell[0]); err != nil && os.Getenv("CI") == "" {
			t.Skipf("needs %s", shell[0])
		}
		for _, test := range []struct {
			config, targets, failOn string
			status                  int
			log                     string
		}{
			{"closed", s.addr, "", 0, "relay-denied"},
			{"forged", "\n" + s.addr + "\n127.0.0.1:1", "", 1, "accepted sender-own-domain"},
			{"forged", s.addr, "never", 0, "accepted sender-own-domain"},
			{"greylist", s.addr, "", 3, "greylisted"},
			{"closed", "$(touch pwned);'`touch pwned`", "", 2, "openrelay: error: "},
			{"closed", "--output=pwned", "", 2, "openrelay: error: "},
			{"closed", "", "", 2, "openrelay: error: no targets"},
		} {
			s.serve(t, test.config)
			r := &runner{t: t, dir: t.TempDir()}
			env := append(os.Environ(), "PATH="+path, "OPENRELAY_LOCAL_DOMAIN=local.test", "OPENRELAY_RETRY_FOR=-1s", "OPENRELAY_FAIL_ON="+test.failOn)
			for name, value := range job.Variables {
				if name == "OPENRELAY_JUNIT" && !has("junit") {
					value = ""
				}
				env = append(env, name+"="+value)
			}
			env = append(env, "OPENRELAY_TARGETS="+test.targets)
			script := strings.Join(slices.Concat(job.BeforeScript, job.Script), "\n")
			status := r.execute(env, shell[0], append(shell[1:], script)...)
			if status != test.status || !strings.Contains(r.log, test.log) {
				t.Errorf("%s, %s %q: status %d, want %d and %q:\n%s", shell[0], test.config, test.targets, status, test.status, test.log, r.log)
			}
			for _, file := range job.Artifacts.Paths {
				if _, err := os.Stat(filepath.Join(r.dir, file)); err != nil && status != 2 {
					t.Error(err)
				}
			}
			if found, _ := filepath.Glob(filepath.Join(r.dir, "pwned*")); len(found) > 0 {
				t.Errorf("%v", found)
			}
		}
	}
}
