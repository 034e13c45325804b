"""Planning: what is asked (PlanSpec), the model that answers it (define_* calls), and the plan that comes out."""
