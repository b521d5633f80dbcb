# The backend's image as it was before the optimisation plan. For before/after measurement only; nothing ships from it.
# One stage on the full base, everything copied first, no mounts: any edit installs every package again.
#   docker build -f infra/baseline/backend.Dockerfile backend
FROM python:3.12

WORKDIR /srv
COPY . .
RUN pip install -r requirements.txt

EXPOSE 5000
CMD ["python", "-m", "flask", "--app", "app", "run", "--host", "0.0.0.0", "--port", "5000"]
