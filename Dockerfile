# Two images: `site` (web, worker, jobs, migrations) and `engine` (the trial model on a CPU).
# Nothing secret enters a layer: secrets are made when the installation starts.
ARG NODE_IMAGE=node:22-bookworm-slim
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${NODE_IMAGE} AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund --silent
COPY frontend/ ./
RUN npm run build --silent

FROM ${PYTHON_IMAGE} AS python
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/venv/bin:$PATH
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp hermes

# Without pip: nothing is installed into a finished image.
FROM python AS site-packages
COPY requirements/server.txt /build/
RUN /usr/local/bin/python -m venv --without-pip /opt/venv \
    && /usr/local/bin/python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --require-hashes -r /build/server.txt \
    && python -m compileall -q /opt/venv/lib

FROM python AS engine-packages
COPY requirements/engine.txt /build/
RUN /usr/local/bin/python -m venv --without-pip /opt/venv \
    && /usr/local/bin/python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --require-hashes -r /build/engine.txt \
    && python -m compileall -q /opt/venv/lib

FROM site-packages AS static
WORKDIR /srv/hermes
COPY . .
COPY --from=frontend /build/dist frontend/dist
# The key that Django asks for here stays in this stage's data folder.
RUN HERMES_DATA_DIR=/build HERMES_STATIC_DIR=/srv/static python manage.py collectstatic --no-input --verbosity 0
RUN rm -rf frontend requirements && mkdir -p frontend/dist && python -m compileall -q .

FROM python AS site
COPY --from=site-packages /opt/venv /opt/venv
COPY --from=static /srv/static /srv/static
COPY --from=static /srv/hermes /srv/hermes
WORKDIR /srv/hermes
# New volumes take over whose these folders are.
RUN install --directory --owner hermes --group hermes --mode 700 /srv/anchors /srv/exports
ENV HERMES_DATA_DIR=/tmp/hermes HERMES_STATIC_DIR=/srv/static
USER 10001:10001
EXPOSE 8000
CMD ["python", "manage.py", "run_web", "--host", "0.0.0.0"]

FROM python AS engine
RUN apt-get update -qq \
    && apt-get install -qq --yes --no-install-recommends libgomp1 libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=engine-packages /opt/venv /opt/venv
COPY --from=static /srv/hermes /srv/hermes
WORKDIR /srv/hermes
ENV HERMES_DATA_DIR=/tmp/hermes
USER 10001:10001
EXPOSE 8000
CMD ["python", "manage.py", "run_engine", "--host", "0.0.0.0", "--port", "8000"]
