# The frontend's image as it was before the plan: one stage, the full base, the install after the source, no cache
# mount, everything shipped. It exists to be measured against frontend/Dockerfile, and for nothing else. The only
# addition is the secret: without it no network that signs again could measure it.
#
#     docker buildx build -f infra/baseline/frontend.Dockerfile frontend

FROM node:20
WORKDIR /app
COPY . .
RUN --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm install
ARG PUBLIC_API_BASE_URL=http://localhost:5001
ENV PUBLIC_API_BASE_URL=$PUBLIC_API_BASE_URL
RUN npm run build
EXPOSE 5173
CMD ["npm", "run", "preview", "--", "--host", "0.0.0.0", "--port", "5173"]
