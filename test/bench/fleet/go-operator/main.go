// An operator as most are written: controller-runtime, typed objects, an update where something differs, sixteen workers. It serves as much of
// an MCPServer as a small one does: the same objects with less in them, and a status. It is what `npm run bench -- --servers N --go`
// measures the operator of this project against, and nothing else.
package main

import (
	"context"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const workers = 16

var groupVersion = schema.GroupVersion{Group: "mcp.example.com", Version: "v1alpha1"}

type spec struct {
	Image    string `json:"image"`
	Replicas *int32 `json:"replicas,omitempty"`
	Port     int32  `json:"port,omitempty"`
}

type status struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Phase              string             `json:"phase,omitempty"`
	Replicas           int32              `json:"replicas"`
	ReadyReplicas      int32              `json:"readyReplicas"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type MCPServer struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              spec   `json:"spec"`
	Status            status `json:"status,omitempty"`
}

func (server *MCPServer) DeepCopyObject() runtime.Object {
	copied := *server
	server.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	copied.Status.Conditions = append([]metav1.Condition(nil), server.Status.Conditions...)
	return &copied
}

type MCPServerList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MCPServer `json:"items"`
}

func (list *MCPServerList) DeepCopyObject() runtime.Object {
	copied := *list
	copied.Items = make([]MCPServer, len(list.Items))
	for index := range list.Items {
		copied.Items[index] = *list.Items[index].DeepCopyObject().(*MCPServer)
	}
	return &copied
}

type reconciler struct {
	client.Client
}

func (r reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	server := &MCPServer{}
	if err := r.Get(ctx, request.NamespacedName, server); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if server.Spec.Port == 0 {
		server.Spec.Port = 8080
	}
	names := metav1.ObjectMeta{Name: server.Name, Namespace: server.Namespace}
	account := &corev1.ServiceAccount{ObjectMeta: names}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, account, func() error {
		return controllerutil.SetControllerReference(server, account, r.Scheme())
	}); err != nil {
		return ctrl.Result{}, err
	}
	service := &corev1.Service{ObjectMeta: names}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, service, func() error {
		service.Spec.Selector = labels(server)
		service.Spec.Ports = []corev1.ServicePort{{Name: "mcp", Port: server.Spec.Port, TargetPort: intstr.FromString("mcp"), Protocol: corev1.ProtocolTCP}}
		return controllerutil.SetControllerReference(server, service, r.Scheme())
	}); err != nil {
		return ctrl.Result{}, err
	}
	if server.Spec.Replicas != nil && *server.Spec.Replicas > 1 {
		budget := &policyv1.PodDisruptionBudget{ObjectMeta: names}
		if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, budget, func() error {
			most := intstr.FromInt32(1)
			budget.Spec.MaxUnavailable = &most
			budget.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels(server)}
			return controllerutil.SetControllerReference(server, budget, r.Scheme())
		}); err != nil {
			return ctrl.Result{}, err
		}
	}
	deployment := &appsv1.Deployment{ObjectMeta: names}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, deployment, func() error {
		fill(deployment, server)
		return controllerutil.SetControllerReference(server, deployment, r.Scheme())
	}); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.report(ctx, server, deployment)
}

func labels(server *MCPServer) map[string]string {
	return map[string]string{"app.kubernetes.io/name": "mcp-server", "app.kubernetes.io/instance": server.Name}
}

// Fields that the API server fills in are left as they are, or each look would be an update.
func fill(deployment *appsv1.Deployment, server *MCPServer) {
	deployment.Spec.Replicas = server.Spec.Replicas
	if deployment.Spec.Selector == nil {
		deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels(server)}
	}
	template := &deployment.Spec.Template
	template.Labels = labels(server)
	if len(template.Spec.Containers) == 0 {
		template.Spec.Containers = []corev1.Container{{Name: "mcp-server"}}
	}
	template.Spec.ServiceAccountName = server.Name
	container := &template.Spec.Containers[0]
	container.Image = server.Spec.Image
	container.Ports = []corev1.ContainerPort{{Name: "mcp", ContainerPort: server.Spec.Port, Protocol: corev1.ProtocolTCP}}
	container.Env = []corev1.EnvVar{{Name: "MCP_SERVER_NAME", Value: server.Name}}
	if container.ReadinessProbe == nil {
		socket := &corev1.TCPSocketAction{Port: intstr.FromString("mcp")}
		container.ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: socket}}
	}
}

func (r reconciler) report(ctx context.Context, server *MCPServer, deployment *appsv1.Deployment) error {
	before := server.DeepCopyObject().(*MCPServer).Status
	server.Status.ObservedGeneration = server.Generation
	server.Status.Replicas = deployment.Status.Replicas
	server.Status.ReadyReplicas = deployment.Status.ReadyReplicas
	ready := metav1.Condition{Type: "Ready", Status: metav1.ConditionFalse, Reason: "Progressing", Message: "Pods are not ready.", ObservedGeneration: server.Generation}
	server.Status.Phase = "Pending"
	if server.Spec.Replicas != nil && deployment.Status.ReadyReplicas == *server.Spec.Replicas {
		server.Status.Phase = "Ready"
		ready.Status, ready.Reason, ready.Message = metav1.ConditionTrue, "Ready", "All pods are ready."
	}
	meta.SetStatusCondition(&server.Status.Conditions, ready)
	if equality.Semantic.DeepEqual(before, server.Status) {
		return nil
	}
	return r.Status().Update(ctx, server)
}

func run() error {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return err
	}
	scheme.AddKnownTypes(groupVersion, &MCPServer{}, &MCPServerList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
	ctrl.SetLogger(zap.New())
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	// controller-runtime's own default would hold it back; the API server has a flow control of its own.
	config.QPS = -1
	manager, err := ctrl.NewManager(config, ctrl.Options{Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}})
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).
		For(&MCPServer{}).Owns(&appsv1.Deployment{}).Owns(&corev1.Service{}).Owns(&corev1.ServiceAccount{}).Owns(&policyv1.PodDisruptionBudget{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(reconciler{manager.GetClient()})
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	if err := run(); err != nil {
		os.Stderr.WriteString("error: " + err.Error() + "\n")
		os.Exit(1)
	}
}
