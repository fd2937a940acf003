package modelarts

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// engine is a framework in a version that comes with an image.
type engine struct{ id, name, version, framework string }

// engines are those that the sandbox offers: names of the vendor's public list. What an engine is has no effect but for the framework's name.
var engines = []engine{
	{"pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "PyTorch", "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "PyTorchJob"},
	{"tensorflow_2.1.0-cuda_10.1-py_3.7-ubuntu_18.04-x86_64", "TensorFlow", "tensorflow_2.1.0-cuda_10.1-py_3.7-ubuntu_18.04-x86_64", "TFJob"},
	{"mindspore_1.7.0-cann_5.1.0-py_3.7-euler_2.8.3-aarch64", "Ascend-Powered-Engine", "mindspore_1.7.0-cann_5.1.0-py_3.7-euler_2.8.3-aarch64", "MindSpore"},
	{"horovod_0.22.1-pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "MPI", "horovod_0.22.1-pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "MPIJob"},
}

// frameworkOf is the framework that a request names: by its engine, else by its image.
func frameworkOf(e *Engine) string {
	if e == nil {
		return ""
	}
	for _, x := range engines {
		if e.EngineID == x.id || e.EngineName != "" && strings.EqualFold(e.EngineName, x.name) {
			return x.framework
		}
	}
	return ""
}

// imageOf is what a job runs in.
func imageOf(e *Engine) string {
	switch {
	case e == nil:
		return ""
	case e.ImageURL != "":
		return e.ImageURL
	case e.EngineID != "":
		return e.EngineID
	}
	return e.EngineVersion
}

func (s *Service) listEngines(*fiber.Ctx) (any, error) {
	items := []fiber.Map{}
	for _, e := range engines {
		items = append(items, fiber.Map{"engine_id": e.id, "engine_name": e.name, "engine_version": e.version, "v1_compatible": false, "run_user": "1102",
			"image_info": fiber.Map{"cpu_image_url": "aip/" + e.id, "gpu_image_url": "aip/" + e.id, "image_version": e.version}})
	}
	return fiber.Map{"total": len(items), "items": items}, nil
}
