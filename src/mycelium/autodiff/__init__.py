"""Gradients: grad, value_and_grad, GradOperation, vjp, jvp, vmap, custom gradients."""
