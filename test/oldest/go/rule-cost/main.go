// Command rule-cost reads a CustomResourceDefinition (JSON) and says what the API server of the version in go.mod thinks of it:
// what it estimates each rule to cost at most, its limits, and why it would refuse the whole.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"os"
	"runtime/debug"
	"sort"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	apiservercel "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

const estimator = "k8s.io/apiextensions-apiserver"

type ruleCost struct {
	Path    string `json:"path"`
	Message string `json:"message"`
	Cost    uint64 `json:"cost"`
}

type answer struct {
	Version    string     `json:"version"`
	RuleLimit  uint64     `json:"ruleLimit"`
	TotalLimit uint64     `json:"totalLimit"`
	Rules      []ruleCost `json:"rules"`
	Refused    []string   `json:"refused"`
}

func main() {
	answered, err := judge()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answered)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge() (answer, error) {
	given, crd := &v1.CustomResourceDefinition{}, &apiextensions.CustomResourceDefinition{}
	if err := json.NewDecoder(os.Stdin).Decode(given); err != nil {
		return answer{}, err
	}
	v1.SetObjectDefaults_CustomResourceDefinition(given)
	if err := v1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(given, crd, nil); err != nil {
		return answer{}, err
	}
	answered := answer{
		Version:    version(),
		RuleLimit:  validation.StaticEstimatedCostLimit,
		TotalLimit: validation.StaticEstimatedCRDCostLimit,
		Rules:      []ruleCost{},
		Refused:    []string{},
	}
	for _, served := range crd.Spec.Versions {
		// What the API server notes when one is created.
		crd.Status.StoredVersions = append(crd.Status.StoredVersions, served.Name)
		schema := served.Schema
		if schema == nil { // Conversion moves the schema of an only version to the top.
			schema = crd.Spec.Validation
		}
		found, err := costs(schema.OpenAPIV3Schema, validation.RootCELContext(schema.OpenAPIV3Schema), "")
		if err != nil {
			return answer{}, err
		}
		answered.Rules = append(answered.Rules, found...)
	}
	for _, refusal := range validation.ValidateCustomResourceDefinition(context.Background(), crd) {
		answered.Refused = append(answered.Refused, refusal.Error())
	}
	return answered, nil
}

// costs goes the way of validation.ValidateCustomResourceDefinitionOpenAPISchema, which tells the four most expensive rules only.
func costs(schema *apiextensions.JSONSchemaProps, at *validation.CELSchemaContext, path string) ([]ruleCost, error) {
	found, err := ownCosts(schema, at, path)
	if err != nil {
		return nil, err
	}
	visit := func(child *apiextensions.JSONSchemaProps, context *validation.CELSchemaContext, name string) {
		if err == nil {
			var below []ruleCost
			below, err = costs(child, context, path+name)
			found = append(found, below...)
		}
	}
	for _, name := range sorted(schema.Properties) {
		child := schema.Properties[name]
		visit(&child, at.ChildPropertyContext(&child, name), "."+name)
	}
	if more := schema.AdditionalProperties; more != nil && more.Schema != nil {
		visit(more.Schema, at.ChildAdditionalPropertiesContext(more.Schema), ".*")
	}
	if items := schema.Items; items != nil && items.Schema != nil {
		visit(items.Schema, at.ChildItemsContext(items.Schema), "[]")
	}
	return found, err
}

func ownCosts(schema *apiextensions.JSONSchemaProps, at *validation.CELSchemaContext, path string) ([]ruleCost, error) {
	if len(schema.XValidations) == 0 {
		return nil, nil
	}
	known, err := at.TypeInfo()
	if err != nil {
		return nil, err
	}
	envSet := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion(), true)
	compiled, err := cel.Compile(known.Schema, known.DeclType, apiservercel.PerCallLimit, envSet, cel.NewExpressionsEnvLoader())
	if err != nil {
		return nil, err
	}
	found := []ruleCost{}
	for index, result := range compiled {
		rule := schema.XValidations[index]
		if result.Error != nil {
			return nil, fmt.Errorf("%s: %s: %s", path, rule.Rule, result.Error.Detail)
		}
		times := result.MaxCardinality
		if at.MaxCardinality != nil {
			times = *at.MaxCardinality
		}
		cost := uint64(math.MaxUint64)
		if high, low := bits.Mul64(result.MaxCost, times); high == 0 {
			cost = low
		}
		found = append(found, ruleCost{Path: path, Message: rule.Message, Cost: cost})
	}
	return found, nil
}

func sorted(properties map[string]apiextensions.JSONSchemaProps) []string {
	names := []string{}
	for name := range properties {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// version is that of the module this is built with.
func version() string {
	built, _ := debug.ReadBuildInfo()
	for _, module := range built.Deps {
		if module.Path == estimator {
			if module.Replace != nil {
				return module.Replace.Version
			}
			return module.Version
		}
	}
	return ""
}
