// Command judges reads objects as tools outside this project do: kstatus in the library that Flux runs, and a health
// check in the Lua that Argo CD runs. Standard input is {"lua": …, "objects": […]}, standard output a list of verdicts.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type question struct {
	Lua     string           `json:"lua"`
	Objects []map[string]any `json:"objects"`
}

type verdict struct {
	Kstatus string `json:"kstatus"`
	Argo    string `json:"argo"`
	Message string `json:"message"`
}

func main() {
	var asked question
	verdicts := []verdict{}
	err := json.NewDecoder(os.Stdin).Decode(&asked)
	for _, object := range asked.Objects {
		if err != nil {
			break
		}
		var each verdict
		each, err = judge(asked.Lua, object)
		verdicts = append(verdicts, each)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(verdicts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(script string, object map[string]any) (verdict, error) {
	computed, err := status.Compute(&unstructured.Unstructured{Object: integers(object).(map[string]any)})
	if err != nil {
		return verdict{}, err
	}
	argo, message, err := health(script, object)
	return verdict{Kstatus: string(computed.Status), Argo: argo, Message: message}, err
}

// health runs a script as Argo CD does: the object is the global obj, and only these libraries are open.
func health(script string, object map[string]any) (string, string, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.StringLibName: lua.OpenString,
	} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return "", "", err
		}
	}
	state.SetGlobal("obj", toLua(state, object))
	if err := state.DoString(script); err != nil {
		return "", "", err
	}
	answer, isTable := state.Get(-1).(*lua.LTable)
	if !isTable {
		return "", "", fmt.Errorf("the script returns %s instead of a table", state.Get(-1).Type())
	}
	return lua.LVAsString(answer.RawGetString("status")), lua.LVAsString(answer.RawGetString("message")), nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case bool:
		return lua.LBool(typed)
	case float64:
		return lua.LNumber(typed)
	case string:
		return lua.LString(typed)
	case []any:
		table := state.NewTable()
		for _, item := range typed {
			table.Append(toLua(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range typed {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	}
	return lua.LNil
}

// integers turns whole numbers into int64, as the Kubernetes decoder does; kstatus reads no others.
func integers(value any) any {
	switch typed := value.(type) {
	case float64:
		if typed == float64(int64(typed)) {
			return int64(typed)
		}
	case []any:
		items := make([]any, len(typed))
		for index, item := range typed {
			items[index] = integers(item)
		}
		return items
	case map[string]any:
		fields := make(map[string]any, len(typed))
		for key, item := range typed {
			fields[key] = integers(item)
		}
		return fields
	}
	return value
}
