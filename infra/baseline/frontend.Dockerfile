# The frontend's image as it was before the optimisation plan. For before/after measurement only; nothing ships from it.
# One stage on the full base, everything copied first, no mounts: any edit installs every package again.
#   docker build -f infra/baseline/frontend.Dockerfile frontend
FROM node:20

WORKDIR /app
COPY . .
RUN npm install
ARG PUBLIC_API_BASE_URL=http://localhost:5001
ENV PUBLIC_API_BASE_URL=$PUBLIC_API_BASE_URL
RUN npm run build

EXPOSE 5173
CMD ["npm", "run", "preview", "--", "--host", "0.0.0.0", "--port", "5173"]
